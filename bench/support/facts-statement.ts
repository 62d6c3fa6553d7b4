/** One row a symbol, as the statement below gives it. */
export interface StatementRow {
  symbol: string;
  newest: string | null;
  covered: boolean;
  invalid: number;
  jumps: number;
  score: number | null;
}

/**
 * What a person who knows SQL would write for the same figures: newest bar, whether it is good, bars of the look-back
 * that cannot be true, jumps that no action explains, and the momentum score on closes adjusted for splits and dividends.
 * Bindings: symbols, first session of the window, of the look-back, and as-of date.
 */
export const FACTS_STATEMENT = `
  with days as (
    select symbol, session, open::float8 as open, high::float8 as high, low::float8 as low, close::float8 as close, volume::float8 as volume,
           lag(close::float8) over w as before, row_number() over (partition by symbol order by session desc) as back
      from bars where source = 'csv' and symbol = any(:symbols) and session between :from and :asOf
    window w as (partition by symbol order by session)),
  actions as (
    select symbol, ex_date as session, coalesce(exp(sum(ln(value::float8)) filter (where kind = 'SPLIT')), 1) as ratio,
           coalesce(sum(value::float8) filter (where kind = 'DIVIDEND'), 0) as dividend
      from corporate_actions where source = 'csv' and symbol = any(:symbols) and ex_date between :from and :asOf group by 1, 2),
  factors as (
    select d.*, coalesce(1 / a.ratio - a.dividend / d.before, 1) as factor,
           not (high >= low and open between low and high and close between low and high and least(open, high, low, close) > 0 and volume >= 0) as bad
      from days d left join actions a using (symbol, session)),
  adjusted as (
    select f.*, close * exp(sum(ln(factor)) over (partition by symbol order by session desc) - ln(factor)) as adj from factors f),
  moves as (
    select m.*, ln(adj / lead(adj) over (partition by symbol order by session desc)) as move from adjusted m),
  figures as (
    select symbol, max(session) as newest, bool_or(session = :asOf and not bad) as covered,
           count(*) filter (where bad and session >= :lookback) as invalid,
           count(*) filter (where session > :lookback and abs(exp(move) - 1) > 0.35) as jumps,
           count(*) as closes, stddev_pop(move) filter (where back <= 21) as vol,
           max(adj) filter (where back = 1) as a0, max(adj) filter (where back = 6) as a5,
           max(adj) filter (where back = 22) as a21, max(adj) filter (where back = 64) as a63
      from moves group by symbol)
  select s.symbol, newest, coalesce(covered, false) as covered, coalesce(invalid, 0)::int as invalid, coalesce(jumps, 0)::int as jumps,
         case when newest = :asOf and closes >= 64
              then 0.2 * (a0 / a5 - 1) + 0.5 * (a0 / a21 - 1) + 0.3 * (a0 / a63 - 1) - 0.3 * vol end as score
    from unnest(cast(:symbols as text[])) as s(symbol) left join figures using (symbol) order by score desc nulls last, symbol`;
