import type { DecimalString, IsoDate } from '../../src/domain/types.js';

/** A row of the archive: prices as traded, and what was published for the day, in the archive's own words. */
export interface Row {
  symbol: string;
  date: IsoDate;
  open: DecimalString;
  high: DecimalString;
  low: DecimalString;
  close: DecimalString;
  adjClose: DecimalString;
  volume: DecimalString;
  /** USD a share; `0` without one. */
  dividend: DecimalString;
  /** New shares for one old share; `1` without one. */
  split: DecimalString;
}

const HEADER = 'symbol,date,open,high,low,close,adj_close,volume,dividend_amount,split_coefficient';
/** The layout in which the csv provider finds actions in the rows themselves (docs/DROP_FOLDER.md). */
const DROP_HEADER = 'timestamp,open,high,low,close,adjusted_close,volume,dividend_amount,split_coefficient';

/** The rows of one year's file. @throws Error that names the file when its header is another one */
export function rowsOf(text: string, file: string): Row[] {
  const [header, ...lines] = text.split('\n').filter((line) => line !== '');
  if (header !== HEADER) throw new Error(`${file}: header: must be ${HEADER}, and is ${header ?? 'not there'}`);
  return lines.map((line) => {
    const [symbol, date, open, high, low, close, adjClose, volume, dividend, split] = line.split(',') as string[];
    return { symbol, date, open, high, low, close, adjClose, volume, dividend, split } as Row;
  });
}

/** Rows by symbol, each ascending by date. */
export function bySymbol(rows: readonly Row[]): Map<string, Row[]> {
  const series = new Map<string, Row[]>();
  for (const row of rows) {
    const own = series.get(row.symbol);
    if (own) own.push(row);
    else series.set(row.symbol, [row]);
  }
  for (const own of series.values()) own.sort((a, b) => (a.date < b.date ? -1 : 1));
  return series;
}

/** A file of the drop folder: the rows with their actions, as Alpha Vantage sends them. */
export const dropFile = (rows: readonly Row[]): string =>
  [
    DROP_HEADER,
    ...rows.map((row) =>
      [row.date, row.open, row.high, row.low, row.close, row.adjClose, row.volume, row.dividend, row.split].join(','),
    ),
    '',
  ].join('\n');

/** A file of the drop folder of a symbol whose rows have prices as traded and no actions. */
export const rawFile = (rows: readonly (readonly string[])[]): string =>
  ['timestamp,open,high,low,close,volume', ...rows.map((row) => row.join(',')), ''].join('\n');
