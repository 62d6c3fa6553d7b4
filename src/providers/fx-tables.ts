import { D, toText } from '../domain/money.js';
import type { RateRow } from '../domain/market/rates.js';
import type { DecimalString, IsoDate } from '../domain/types.js';
import { refuseOtherThanCsv } from './csv/layout.js';
import { csvRows } from './csv/reader.js';
import { dateOfField, decimalOf } from './numbers.js';
import { refuseOtherPair } from './identity.js';
import { FetchError } from './provider.js';
import { weekdayOf, dayNumber } from '../domain/dates.js';

export interface RateWindow {
  pair: string;
  from: IsoDate;
  to: IsoDate;
  file: string;
}

type Figures = Omit<RateRow, 'date'>;
type RateOf = (row: string[], where: string) => Figures | null;
type FigureOf = (row: string[], where: string) => DecimalString | null;

/**
 * Rates of a pair from a CSV in one of three layouts, told apart by the header: the ECB's own table (`Date,USD,…,GBP`, all
 * against the euro), a table of named pairs (`Date,EURUSD,EURGBP,…`), or a file of daily prices of the pair itself
 * (`Date,Open,High,Low,Close`). Oldest first, all rows of a date; `N/A` means no rate that day. Throws FetchError.
 */
export function readRates(text: string, window: RateWindow): RateRow[] {
  refuseOtherThanCsv(text, window.file);
  const [header, ...rows] = csvRows(text.replace(/^\uFEFF/, ''));
  if (!header) throw new FetchError('EMPTY', `${window.file}: the file is empty`);
  if (rows.length === 0) throw new FetchError('EMPTY', `${window.file}: nothing but a header line`);
  const columns = header.map((name) => name.toUpperCase());
  const dateColumn = columns.findIndex((name) => name === 'DATE' || name === 'TIMESTAMP');
  if (dateColumn < 0)
    throw new FetchError(
      'BAD_LAYOUT',
      `${window.file}: none of the ${header.length} columns of its header is the date`,
    );
  refuseOtherRows(columns, rows, window);
  const rateOf = rateReader(columns, window);
  const unended = !/[\r\n]\s*$/.test(text);
  if (unended && breaksOff(rows)) throw truncated(window.file, rows);
  const rates: RateRow[] = [];
  for (const [index, row] of rows.entries()) {
    const last = index === rows.length - 1;
    const rate = rateOfRow(row, { columns, dateColumn, rateOf, window, line: index + 2, last, unended });
    if (rate) rates.push(rate);
  }
  return rates.toSorted((a, b) => (a.date < b.date ? -1 : a.date > b.date ? 1 : 0));
}

const truncated = (file: string, rows: readonly string[][]) =>
  new FetchError('TRUNCATED', `${file}: line ${rows.length + 1} breaks off`);

/** So many rows show how a file writes its figures. */
const ROWS_THAT_SHOW = 10;

/**
 * Whether the last figure of a file without a last line end has fewer decimals than that column has anywhere before.
 */
function breaksOff(rows: readonly string[][]): boolean {
  const decimals = (row: readonly string[] | undefined) =>
    /^\d+(?:\.(\d*))?$/.exec(row?.at(-1) ?? '')?.[1]?.length ?? 0;
  const before = rows.slice(0, -1);
  return before.length >= ROWS_THAT_SHOW && before.every((row) => decimals(row) > decimals(rows.at(-1)));
}

/** Refuses a file whose symbol column names another pair, as `GBPUSD`, `GBP/USD`, `gbpusd` or Yahoo's `GBPUSD=X`. */
function refuseOtherRows(columns: readonly string[], rows: readonly string[][], { pair, file }: RateWindow): void {
  const at = columns.findIndex((name) => name === 'SYMBOL' || name === 'TICKER' || name === 'PAIR');
  if (at < 0) return;
  for (const [index, row] of rows.entries()) refuseOtherPair([row[at]], pair, `${file}: line ${index + 2}`);
}

interface RowContext {
  columns: string[];
  dateColumn: number;
  rateOf: RateOf;
  window: RateWindow;
  line: number;
  last: boolean;
  /** Whether the file ends without a line end. */
  unended: boolean;
}

function rateOfRow(row: string[], context: RowContext): RateRow | null {
  const { columns, dateColumn, rateOf, window, line, last, unended } = context;
  const where = `${window.file}: line ${line}`;
  // The ECB ends its lines with a comma, so a row may be one field longer; a shorter one breaks off.
  if (row.length < columns.filter((name) => name !== '').length) {
    throw new FetchError(
      last ? 'TRUNCATED' : 'BAD_LAYOUT',
      `${where} has ${row.length} fields, the header ${columns.length}`,
    );
  }
  const date = dateOfField(row[dateColumn], where);
  // Brokers date the Sunday evening's trading Sunday: no rate of a day anybody decides on.
  if (date < window.from || date > window.to || weekdayOf(dayNumber(date)) > 5) return null;
  try {
    const figures = rateOf(row, where);
    return figures === null ? null : { date, ...figures };
  } catch (error) {
    if (!last || !unended || !(error instanceof FetchError)) throw error;
    throw new FetchError('TRUNCATED', `${where} breaks off`);
  }
}

/** How the pair's rate follows from a row of this header: from euro columns, from its own column, or from a close. */
function rateReader(columns: string[], { pair, file }: RateWindow): RateOf {
  const close = columns.indexOf('CLOSE');
  if (close >= 0) return dayReader(columns, close);
  const [base, quote] = [pair.slice(0, 3), pair.slice(3)];
  const perEuro = (currency: string): FigureOf => {
    if (currency === 'EUR') return () => '1';
    const at = columns.findIndex((name) => name === currency || name === `EUR${currency}`);
    if (at < 0) throw new FetchError('NOT_FOUND', `${file}: no rate of ${currency} in the header`);
    return (row, where) =>
      row[at] === 'N/A' || row[at] === '' ? null : positive(decimalOf(row[at], `${where}: ${currency}`), where);
  };
  const [baseRate, quoteRate] = [perEuro(base), perEuro(quote)];
  return (row, where) => {
    const rate = crossRate(baseRate(row, where), quoteRate(row, where));
    return rate === null ? null : { rate };
  };
}

/** The close of a day, with its open, high and low where the file has all three to judge it by. */
function dayReader(columns: string[], close: number): RateOf {
  const range = (['open', 'high', 'low'] as const).map((name) => [name, columns.indexOf(name.toUpperCase())] as const);
  const ranged = range.every(([, at]) => at >= 0);
  return (row, where) => ({
    rate: positive(decimalOf(row[close], `${where}: close`), where),
    ...(ranged && Object.fromEntries(range.map(([name, at]) => [name, decimalOf(row[at], `${where}: ${name}`)]))),
  });
}

/** Quote currency for one of base, from both rates against the euro; 6 decimals, half to even, as crosses are published. */
function crossRate(base: DecimalString | null, quote: DecimalString | null): DecimalString | null {
  return base === null || quote === null ? null : toText(D(quote).div(D(base)).toDecimalPlaces(6));
}

function positive(rate: DecimalString, where: string): DecimalString {
  if (Number(rate) > 0) return rate;
  throw new FetchError('BAD_NUMBER', `${where}: a rate must be above 0, not ${rate}`);
}
