import { FetchError } from '../provider.js';

export type LayoutName = 'stooq' | 'yahoo' | 'alphavantage';

/** Where each figure stands in a row. */
export interface Layout {
  name: LayoutName;
  width: number;
  date: number;
  open: number;
  high: number;
  low: number;
  close: number;
  /** Absent in Stooq files of indices and currencies. */
  volume: number | undefined;
  adjClose: number | undefined;
  dividend: number | undefined;
  split: number | undefined;
  /** What a row says it is of; absent where only the file's name says it. */
  symbol: number | undefined;
  currency: number | undefined;
  exchange: number | undefined;
}

const NAMES = {
  date: ['date', 'timestamp'],
  open: ['open'],
  high: ['high'],
  low: ['low'],
  close: ['close'],
  volume: ['volume'],
  adjClose: ['adj close', 'adjclose', 'adj_close', 'adjusted_close', 'adjusted close'],
  dividend: ['dividend_amount', 'dividend amount'],
  split: ['split_coefficient', 'split coefficient'],
  symbol: ['symbol', 'ticker', '<ticker>'],
  currency: ['currency'],
  exchange: ['exchange'],
} as const;

/**
 * The layout a header line announces: Stooq (date and prices), Yahoo (with an adjusted close) or Alpha Vantage (with
 * dividend and split columns, or free of charge with a `timestamp` and prices as traded), in any case. Throws
 * BAD_LAYOUT when a column is missing.
 */
export function detectLayout(header: string[], file: string): Layout {
  const columns = header.map((name) => name.trim().toLowerCase());
  const optional = (names: readonly string[]) => {
    const at = columns.findIndex((name) => names.includes(name));
    return at < 0 ? undefined : at;
  };
  const required = (field: keyof typeof NAMES) => {
    const at = optional(NAMES[field]);
    if (at === undefined)
      throw new FetchError('BAD_LAYOUT', `${file}: none of the ${header.length} columns of its header is the ${field}`);
    return at;
  };
  const [adjClose, dividend, split] = [optional(NAMES.adjClose), optional(NAMES.dividend), optional(NAMES.split)];
  return {
    name: layoutName({ isAlphaVantage: dividend !== undefined || split !== undefined, adjClose, columns }),
    width: columns.length,
    date: required('date'),
    open: required('open'),
    high: required('high'),
    low: required('low'),
    close: required('close'),
    volume: optional(NAMES.volume),
    adjClose,
    dividend,
    split,
    symbol: optional(NAMES.symbol),
    currency: optional(NAMES.currency),
    exchange: optional(NAMES.exchange),
  };
}

/** Only Alpha Vantage calls its dates `timestamp`; its free answer has no column of actions to know it by. */
function layoutName({
  isAlphaVantage,
  adjClose,
  columns,
}: {
  isAlphaVantage: boolean;
  adjClose: number | undefined;
  columns: readonly string[];
}): LayoutName {
  if (isAlphaVantage || columns[0] === 'timestamp') return 'alphavantage';
  return adjClose === undefined ? 'stooq' : 'yahoo';
}

/** What else arrives where a CSV was expected (docs/RULES.md 6.1): web pages, error objects, limit texts. Throws for each. */
export function refuseOtherThanCsv(text: string, file: string): void {
  const start = text.slice(0, 300).trimStart();
  const refuse = (code: ConstructorParameters<typeof FetchError>[0], what: string): never => {
    throw new FetchError(code, `${file}: ${what}`);
  };
  // A header may write its names in angle brackets: `<TICKER>,`.
  if (/^<(?!\w+>,)/.test(start)) refuse('HTML_INSTEAD_OF_DATA', 'a web page, not a CSV');
  if (/^exceeded the daily hits limit/i.test(start))
    refuse('RATE_LIMITED', 'the provider said that its daily limit is reached');
  if (/^no data/i.test(start)) refuse('EMPTY', 'the provider said that it has no data');
  if (start.startsWith('{') && start.includes('Error Message')) refuse('NOT_FOUND', 'an error object, not a CSV');
  if (start.startsWith('{') && /"(?:Note|Information)"/.test(start)) refuse('RATE_LIMITED', 'a limit text, not a CSV');
  if (start.startsWith('{') || start.startsWith('[')) refuse('BAD_LAYOUT', 'JSON, not a CSV');
}
