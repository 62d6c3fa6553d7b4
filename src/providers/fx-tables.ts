import { D, toText } from '../domain/money.js';
import type { DecimalString, IsoDate } from '../domain/types.js';
import { refuseOtherThanCsv } from './csv/layout.js';
import { csvRows } from './csv/reader.js';
import { dateOfField, decimalOf } from './numbers.js';
import { FetchError } from './provider.js';
import { weekdayOf, dayNumber } from '../domain/dates.js';

export interface RateWindow {
  pair: string;
  from: IsoDate;
  to: IsoDate;
  file: string;
}

type Rate = { date: IsoDate; rate: DecimalString };
type RateOf = (row: string[], where: string) => DecimalString | null;

/**
 * Rates of a pair from a CSV in one of three layouts, told apart by the header: the ECB's own table (`Date,USD,…,GBP`, all
 * against the euro), a table of named pairs (`Date,EURUSD,EURGBP,…`), or a file of daily prices of the pair itself
 * (`Date,Open,High,Low,Close`). Oldest first; `N/A` means no rate that day. Throws FetchError.
 */
export function readRates(text: string, window: RateWindow): Rate[] {
  refuseOtherThanCsv(text, window.file);
  const [header, ...rows] = csvRows(text.replace(/^\uFEFF/, ''));
  if (!header) throw new FetchError('EMPTY', `${window.file}: the file is empty`);
  if (rows.length === 0) throw new FetchError('EMPTY', `${window.file}: nothing but a header line`);
  const columns = header.map((name) => name.toUpperCase());
  const dateColumn = columns.findIndex((name) => name === 'DATE' || name === 'TIMESTAMP');
  if (dateColumn < 0)
    throw new FetchError('BAD_LAYOUT', `${window.file}: header has no date column: ${header.join(',').slice(0, 100)}`);
  const rateOf = rateReader(columns, window);
  const rates = new Map<IsoDate, DecimalString>();
  for (const [index, row] of rows.entries()) {
    const rate = rateOfRow(row, {
      columns,
      dateColumn,
      rateOf,
      window,
      line: index + 2,
      last: index === rows.length - 1,
    });
    if (rate) rates.set(rate.date, rate.rate);
  }
  return [...rates].map(([date, rate]) => ({ date, rate })).toSorted((a, b) => (a.date < b.date ? -1 : 1));
}

interface RowContext {
  columns: string[];
  dateColumn: number;
  rateOf: RateOf;
  window: RateWindow;
  line: number;
  last: boolean;
}

function rateOfRow(row: string[], { columns, dateColumn, rateOf, window, line, last }: RowContext): Rate | null {
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
  const rate = rateOf(row, where);
  return rate === null ? null : { date, rate };
}

/** How the pair's rate follows from a row of this header: from euro columns, from its own column, or from a close. */
function rateReader(columns: string[], { pair, file }: RateWindow): RateOf {
  const close = columns.indexOf('CLOSE');
  if (close >= 0) return (row, where) => positive(decimalOf(row[close], `${where}: close`), where);
  const [base, quote] = [pair.slice(0, 3), pair.slice(3)];
  const perEuro = (currency: string): RateOf => {
    if (currency === 'EUR') return () => '1';
    const at = columns.findIndex((name) => name === currency || name === `EUR${currency}`);
    if (at < 0) throw new FetchError('NOT_FOUND', `${file}: no rate of ${currency} in the header`);
    return (row, where) =>
      row[at] === 'N/A' || row[at] === '' ? null : positive(decimalOf(row[at], `${where}: ${currency}`), where);
  };
  const [baseRate, quoteRate] = [perEuro(base), perEuro(quote)];
  return (row, where) => crossRate(baseRate(row, where), quoteRate(row, where));
}

/** Quote currency for one of base, from both rates against the euro; 6 decimals, half to even, as crosses are published. */
function crossRate(base: DecimalString | null, quote: DecimalString | null): DecimalString | null {
  return base === null || quote === null ? null : toText(D(quote).div(D(base)).toDecimalPlaces(6));
}

function positive(rate: DecimalString, where: string): DecimalString {
  if (Number(rate) > 0) return rate;
  throw new FetchError('BAD_NUMBER', `${where}: a rate must be above 0, not ${rate}`);
}
