import type { DecimalString, IsoDate, PriceBasis } from '../domain/types.js';
import type { Db } from './connect.js';
import { question, type Question } from './questions.js';

/** A share's closes as quoted, oldest first. */
export interface CloseSeries {
  symbol: string;
  currency: string;
  /** Of its newest close. */
  basis: PriceBasis;
  closes: { date: IsoDate; close: DecimalString }[];
}

/** A share on a date. */
export interface SymbolOn {
  symbol: string;
  date: IsoDate;
}

// A series travels as one text and is cut here: a row object a close takes three times as long.
const seriesOf = (found: (Omit<CloseSeries, 'closes'> & { closes: string })[]): CloseSeries[] =>
  found.map(({ closes, ...series }) => ({
    ...series,
    closes: closes.split(';').map((text) => {
      const [date = '', close = ''] = text.split(',');
      return { date, close };
    }),
  }));

const SERIES = `symbol, (array_agg(currency order by session desc))[1] as currency,
  (array_agg(basis order by session desc))[1] as basis,
  string_agg(concat_ws(',', session, trim_scale(close)), ';' order by session) as closes`;

/** Every close of a share in a window; nothing of one that has none. */
export const closesOfWindow = (
  db: Db,
  { source, symbol, from, to }: { source: string; symbol: string; from: IsoDate; to: IsoDate },
): Question<CloseSeries[]> =>
  question<CloseSeries[]>(
    db.raw(`select ${SERIES} from bars where source = ? and symbol = ? and session between ? and ? group by symbol`, [
      source,
      symbol,
      from,
      to,
    ]),
    seriesOf,
  );

/** The closes of these shares on these dates, each share's as a series; what is not stored is left out. */
export const closesOnDates = (db: Db, source: string, wanted: readonly SymbolOn[]): Question<CloseSeries[]> =>
  question<CloseSeries[]>(
    db.raw(
      `select ${SERIES} from (select distinct * from unnest(?::text[], ?::date[]) as w(symbol, session)) w
         join bars using (symbol, session) where source = ? group by symbol`,
      [wanted.map(({ symbol }) => symbol), wanted.map(({ date }) => date), source] as never,
    ),
    seriesOf,
  );
