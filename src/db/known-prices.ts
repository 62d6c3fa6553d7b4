import type { DecimalString, IsoDate } from '../domain/types.js';
import type { Db } from './connect.js';
import { question, rowsQuestion, type Question } from './questions.js';
import type { CamelRow } from './tables.js';
import { cutoffRowSql, cutoffSql, EVERYTHING, type Cutoff } from './cutoff.js';

export interface PriceSeries {
  symbol: string;
  currency: string;
  /** Oldest first; closes as quoted, and divided by the splits between them and the as-of date where there are any. */
  points: { session: IsoDate; close: DecimalString; adjusted: DecimalString }[];
}

/** Sessions a chart goes back: a quarter of a year, and the 64 bars that the score looks at. */
const CHART_SESSIONS = 64;

export interface PriceQuery {
  source: string;
  symbols: string[];
  asOfDate: IsoDate;
  cutoff: Cutoff;
  sessions?: number;
}

/** Closes of the last `sessions` sessions of each symbol up to the as-of date, as known at the cutoff. */
export function pricesQuestion(db: Db, query: PriceQuery): Question<PriceSeries[]> {
  const { binding } = cutoffSql(query.cutoff);
  const prices = db.raw(
    `
    -- A bar has no place of its own, for the newest stands where the ones before it stood: whether it was there is told by the clock.
    with cut as (select coalesce(c.seq, ${EVERYTHING}) as seq, coalesce(c.recorded_at, 'infinity') as at
      from (select) as one left join (${cutoffRowSql(query.cutoff)}) as c on true),
    recent as (
      select s.symbol, b.session, b.currency, b.basis, b.close, b.recorded_at
      from unnest(?::text[]) s(symbol) cross join lateral (
        select * from bars where source = ? and symbol = s.symbol and session <= ? order by session desc limit ?) b),
    restated as (
      select distinct on (v.symbol, v.session) v.symbol, v.session, v.prior from bar_revisions v cross join cut
      where v.source = ? and v.symbol = any(?::text[]) and v.seq > cut.seq
        and v.session >= (select min(session) from recent)
      order by v.symbol, v.session, v.revision_id),
    known as (
      select r.symbol, r.session, r.currency, r.basis, coalesce((v.prior->>'close')::numeric, r.close) as close
      from recent r cross join cut left join restated v using (symbol, session)
      where coalesce((v.prior->>'recorded_at')::timestamptz, r.recorded_at) <= cut.at),
    splits as (
      select distinct on (symbol, ex_date) symbol, ex_date, value from corporate_actions, cut
      where kind = 'SPLIT' and source = ? and symbol = any(?::text[]) and ex_date <= ? and corporate_actions.seq <= cut.seq
      order by symbol, ex_date, action_id desc)
    select k.symbol, k.currency, string_agg(concat_ws(',', k.session, k.close,
      case when k.basis = 'raw' and k.symbol = any(array(select symbol from splits)) then
        trim_scale(round(k.close / (select exp(sum(ln(value))) from splits s
          where s.symbol = k.symbol and s.ex_date > k.session), 6)) end), ';' order by k.session) as points
    from known k group by k.symbol, k.currency order by k.symbol`,
    [
      binding,
      query.symbols,
      query.source,
      query.asOfDate,
      query.sessions ?? CHART_SESSIONS,
      query.source,
      query.symbols,
      query.source,
      query.symbols,
      query.asOfDate,
    ] as never,
  );
  return question<PriceSeries[]>(prices, (found: { symbol: string; currency: string; points: string }[]) =>
    found.map(({ symbol, currency, points }) => ({ symbol, currency, points: points.split(';').map(pointOf) })),
  );
}

// A series travels as one text and is cut here: a row object a point takes three times as long. Most have no split after
// them, and then say their close once.
function pointOf(text: string): PriceSeries['points'][number] {
  const [session, close, adjusted = close] = text.split(',') as [IsoDate, DecimalString, DecimalString?];
  return { session, close, adjusted };
}

/** Splits of these symbols as published up to the as-of date, as known at the cutoff. */
export function splitsQuestion(
  db: Db,
  query: { source: string; symbols: string[]; asOfDate: IsoDate; cutoff: Cutoff },
): Question<CamelRow<'corporate_actions', 'symbol' | 'ex_date' | 'value'>[]> {
  const { sql, binding } = cutoffSql(query.cutoff);
  return rowsQuestion(
    db,
    `
    select distinct on (symbol, ex_date) symbol, ex_date as "exDate", trim_scale(value)::text as value from corporate_actions
    where kind = 'SPLIT' and source = ? and symbol = any(?::text[]) and ex_date <= ? and seq <= coalesce((${sql}), ${EVERYTHING})
    order by symbol, ex_date, action_id desc`,
    [query.source, query.symbols, query.asOfDate, binding],
  );
}

/** Dividends of a share as published up to the as-of date, the newest word on each, as known at the cutoff. */
export function dividendsQuestion(
  db: Db,
  query: { source: string; symbol: string; asOfDate: IsoDate; cutoff: Cutoff },
): Question<CamelRow<'corporate_actions', 'ex_date' | 'value'>[]> {
  const { sql, binding } = cutoffSql(query.cutoff);
  return rowsQuestion(
    db,
    `
    select distinct on (ex_date, coalesce(dividend_type, 'regular')) ex_date as "exDate",
           trim_scale(value)::text as value
      from corporate_actions
     where kind = 'DIVIDEND' and source = ? and symbol = ? and ex_date <= ? and seq <= coalesce((${sql}), ${EVERYTHING})
     order by ex_date, coalesce(dividend_type, 'regular'), action_id desc`,
    [query.source, query.symbol, query.asOfDate, binding],
  );
}
