import type { DecimalString, IsoDate } from '../domain/types.js';
import type { Db } from '../db/connect.js';

/**
 * Prices and values as they were known when something was decided: a provider may restate a bar later, and a file that
 * is rendered again must not change for it. The moment of knowing is a stored fact's place in the order of all facts: the end
 * of a run or of a day's last run, or a ticket.
 */
export type Cutoff =
  | { kind: 'run'; runId: string }
  | { kind: 'ticket'; ticketId: string }
  | { kind: 'day'; tradingDay: IsoDate };

export interface PriceSeries {
  symbol: string;
  currency: string;
  /** Oldest first; closes as quoted, and divided by the splits between them and the as-of date. */
  points: { session: IsoDate; close: DecimalString; adjusted: DecimalString }[];
}

export interface EquityPoint {
  account: string;
  baseCurrency: string;
  asOfDate: IsoDate;
  equity: DecimalString;
  equityIndex: DecimalString;
}

/** Sessions a chart goes back: a quarter of a year, and the 64 bars that the score looks at. */
export const CHART_SESSIONS = 64;
const EQUITY_POINTS = 260;

/** Above every place in the order of facts. */
export const EVERYTHING = '9223372036854775807';

/** SQL for the place of a cutoff in the order of facts, with its one binding; a run under way knows everything so far. */
function cutoffSql(cutoff: Cutoff): { sql: string; binding: string } {
  switch (cutoff.kind) {
    case 'run': return { sql: 'select max(seq) from run_results where run_id = ?', binding: cutoff.runId };
    case 'ticket': return { sql: 'select seq from tickets where ticket_id = ?', binding: cutoff.ticketId };
    case 'day': return {
      sql: 'select max(o.seq) from run_results o join runs r using (run_id) where r.trading_day = ?', binding: cutoff.tradingDay };
  }
}

/** Closes of the last `sessions` sessions of each symbol up to the as-of date, as known at the cutoff. */
export async function loadPrices(
  db: Db, query: { source: string; symbols: string[]; asOfDate: IsoDate; cutoff: Cutoff; sessions?: number },
): Promise<PriceSeries[]> {
  if (query.symbols.length === 0) return [];
  const { sql, binding } = cutoffSql(query.cutoff);
  const { rows } = (await db.raw(`
    with cut as (select coalesce((${sql}), ${EVERYTHING}) as seq),
    -- A bar has no place of its own, for the newest stands where the ones before it stood: whether it was there is told by the clock.
    "then" as (select coalesce((select max(recorded_at) from run_results join cut using (seq)), (select max(recorded_at) from tickets join cut using (seq)), 'infinity') as at),
    recent as (
      select s.symbol, b.session, b.currency, b.basis, b.close, b.recorded_at
      from unnest(?::text[]) s(symbol) cross join lateral (
        select * from bars where source = ? and symbol = s.symbol and session <= ? order by session desc limit ?) b),
    known as (
      select r.symbol, r.session, r.currency, r.basis, coalesce((v.prior->>'close')::numeric, r.close) as close
      from recent r cross join cut cross join "then" left join lateral (
        select prior from bar_revisions v where v.source = ? and v.symbol = r.symbol and v.session = r.session and v.seq > cut.seq
        order by revision_id limit 1) v on true
      where coalesce((v.prior->>'recorded_at')::timestamptz, r.recorded_at) <= "then".at),
    splits as (
      select distinct on (symbol, ex_date) symbol, ex_date, value from corporate_actions, cut
      where kind = 'SPLIT' and source = ? and symbol = any(?::text[]) and ex_date <= ? and corporate_actions.seq <= cut.seq
      order by symbol, ex_date, action_id desc)
    select k.symbol, k.currency, string_agg(concat_ws(',', k.session, k.close,
      trim_scale(round(k.close / coalesce((select exp(sum(ln(value))) from splits s
        where k.basis = 'raw' and s.symbol = k.symbol and s.ex_date > k.session), 1), 6))), ';' order by k.session) as points
    from known k group by k.symbol, k.currency order by k.symbol`,
    [binding, query.symbols, query.source, query.asOfDate, query.sessions ?? CHART_SESSIONS, query.source, query.source, query.symbols, query.asOfDate] as never,
  )) as { rows: { symbol: string; currency: string; points: string }[] };
  return rows.map(({ symbol, currency, points }) => ({ symbol, currency, points: points.split(';').map(pointOf) }));
}

// A series travels as one text and is cut here: a row object a point takes three times as long.
function pointOf(text: string): PriceSeries['points'][number] {
  const [session, close, adjusted] = text.split(',') as [IsoDate, DecimalString, DecimalString];
  return { session, close, adjusted };
}

/** The newest valuation of each as-of date, oldest first, as known at the cutoff; `account` null gives every account. */
export async function loadEquity(db: Db, query: { account: string | null; asOfDate: IsoDate; cutoff: Cutoff }): Promise<EquityPoint[]> {
  const { sql, binding } = cutoffSql(query.cutoff);
  const { rows } = (await db.raw(`
    with cut as (select coalesce((${sql}), ${EVERYTHING}) as seq),
    newest as (
      select distinct on (v.account, v.as_of_date) v.* from valuations v, cut
      where v.as_of_date <= ? and v.seq <= cut.seq and (?::text is null or v.account = ?)
      order by v.account, v.as_of_date, v.seq desc),
    numbered as (select *, row_number() over (partition by account order by as_of_date desc) as back from newest)
    select n.account, a.base_currency as "baseCurrency", n.as_of_date as "asOfDate", n.equity::text, n.equity_index::text as "equityIndex"
    from numbered n join accounts a using (account) where n.back <= ${EQUITY_POINTS} order by n.account, n.as_of_date`,
    [binding, query.asOfDate, query.account, query.account] as never,
  )) as { rows: EquityPoint[] };
  return rows;
}

/** The newest rate of a pair up to a date, as known at the cutoff; null when there is none. */
export async function loadRate(
  db: Db, query: { source: string; pair: string; date: IsoDate; cutoff: Cutoff },
): Promise<{ rate: DecimalString; date: IsoDate } | null> {
  const { sql, binding } = cutoffSql(query.cutoff);
  const { rows } = (await db.raw(`
    select trim_scale(rate)::text as rate, date from fx_rates
    where source = ? and pair = ? and date <= ? and seq <= coalesce((${sql}), ${EVERYTHING})
    order by date desc, fx_rate_id desc limit 1`, [query.source, query.pair, query.date, binding])) as { rows: { rate: string; date: IsoDate }[] };
  return rows[0] ?? null;
}

/** Splits of these symbols as published up to the as-of date, as known at the cutoff. */
export async function loadSplits(
  db: Db, query: { source: string; symbols: string[]; asOfDate: IsoDate; cutoff: Cutoff },
): Promise<{ symbol: string; exDate: IsoDate; value: DecimalString }[]> {
  const { sql, binding } = cutoffSql(query.cutoff);
  const { rows } = (await db.raw(`
    select distinct on (symbol, ex_date) symbol, ex_date as "exDate", trim_scale(value)::text as value from corporate_actions
    where kind = 'SPLIT' and source = ? and symbol = any(?::text[]) and ex_date <= ? and seq <= coalesce((${sql}), ${EVERYTHING})
    order by symbol, ex_date, action_id desc`, [query.source, query.symbols, query.asOfDate, binding] as never)) as { rows: { symbol: string; exDate: IsoDate; value: string }[] };
  return rows;
}
