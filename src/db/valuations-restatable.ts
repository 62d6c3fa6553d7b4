import { D, toText } from '../domain/money.js';
import type { DecimalString, IsoDate } from '../domain/types.js';
import type { Db } from './connect.js';
import { question, type Question } from './questions.js';

/** The valuation that counts of one as-of date. */
export interface StoredValuation {
  account: string;
  asOfDate: IsoDate;
  cash: DecimalString;
  positionsValue: DecimalString;
  fxRate: DecimalString | null;
  equity: DecimalString;
  netFlows: DecimalString;
  equityIndex: DecimalString;
  peakIndex: DecimalString;
  lastEntryId: number;
  /** Its place in the order of all facts. */
  seq: number;
  /** Whether the kill switch was reset between the first valuation of this date and the one of the next. */
  resetAfter: boolean;
}

const ROWS = `
  with newest as (
    select distinct on (v.account, v.as_of_date) v.*
      from valuations v where account = any(:accounts) and as_of_date >= :from and as_of_date < :before
     order by account, as_of_date, seq desc),
  first as (
    select account, as_of_date, min(seq) as seq from valuations
     where account = any(:accounts) and as_of_date >= :from and as_of_date < :before group by 1, 2),
  spans as (select *, lead(seq) over (partition by account order by as_of_date) as next from first)
  select n.account, n.as_of_date as "asOfDate", n.cash::text, n.positions_value::text as "positionsValue",
    n.fx_rate::text as "fxRate", n.equity::text, n.net_flows::text as "netFlows", n.equity_index::text as "equityIndex",
    n.peak_index::text as "peakIndex", n.last_entry_id as "lastEntryId", n.seq::float8 as seq, exists (
      select from kill_switch_events k where k.account = n.account and k.event = 'RESET' and k.seq > s.seq
         and k.seq < coalesce(s.next, 9223372036854775807)) as "resetAfter"
    from newest n join spans s using (account, as_of_date) order by n.account, n.as_of_date`;

/**
 * The valuations that count of these accounts from one as-of date up to before another, oldest first. One statement.
 */
export async function valuationsBetween(
  db: Db,
  asked: { accounts: readonly string[]; from: IsoDate; before: IsoDate },
): Promise<StoredValuation[]> {
  const { rows } = await db.raw<{ rows: StoredValuation[] }>(ROWS, { ...asked } as never);
  const text = (value: string) => toText(D(value));
  return rows.map((row) => ({
    ...row,
    cash: text(row.cash),
    positionsValue: text(row.positionsValue),
    equity: text(row.equity),
    netFlows: text(row.netFlows),
    equityIndex: text(row.equityIndex),
    peakIndex: text(row.peakIndex),
    lastEntryId: Number(row.lastEntryId),
  }));
}

/** A date of which a price or rate was corrected, and the place of the newest correction in the order of all facts. */
export interface Correction {
  date: IsoDate;
  seq: number;
}

/*
 * A rate is corrected by a later word of the source that counts on its date: the first one, also where it takes the
 * place of the second's, and the second one's own word where the first has none.
 *
 * An adjusted series is restated whole at every split and dividend, by one factor an answer: the closes of then were
 * right for the shares of then, and that is no correction. One that departs from the factor of its answer is. Nor is it
 * one where a series becomes an adjusted one; but what came back from there stood for a while as it never was.
 */
const CORRECTIONS = `
  with revised as (
    select symbol, session as date, seq, cast(prior ->> 'close' as numeric) / nullif(cast(revised ->> 'close' as numeric), 0) as factor,
           revised ->> 'basis' as basis, revised ->> 'payload_sha256' as answer,
           prior ->> 'basis' = revised ->> 'basis' as kept,
           count(*) filter (where prior ->> 'basis' <> revised ->> 'basis')
             over (partition by symbol, session) as switches
      from bar_revisions
     where source = :source and symbol = any(:symbols) and session >= :from and session < :before
       and prior ->> 'close' is distinct from revised ->> 'close'),
  restated as (
    select symbol, answer, percentile_disc(0.5) within group (order by factor) as factor from revised
     where kept and basis <> 'raw' group by symbol, answer having count(*) > 2)
  select date, max(seq)::float8 as seq from (
    select date, seq from revised left join restated using (symbol, answer)
     where case when kept then restated.factor is null or not abs(revised.factor / restated.factor - 1) <= 0.00001
                else switches > 1 end
    union all
    select f.date, max(f.seq) from fx_rates f
     where f.source = any(:fxSources) and f.pair = any(:pairs) and f.date >= :from and f.date < :before
       and array_position(cast(:fxSources as text[]), f.source) <= (
         select min(array_position(cast(:fxSources as text[]), b.source)) from fx_rates b
          where b.source = any(:fxSources) and b.pair = f.pair and b.date = f.date and b.seq < f.seq)
     group by f.date) corrected group by date order by date`;

/** An adjusted series that an answer restated by one factor: the earlier closes of it are so many of the later ones. */
export interface RestatedSeries {
  symbol: string;
  factor: DecimalString;
  /** The newest session that was restated: what made it so came after it. */
  through: IsoDate;
}

const RESTATED = `
  with revised as (
    select symbol, session, cast(prior ->> 'close' as numeric) / nullif(cast(revised ->> 'close' as numeric), 0) as factor,
           revised ->> 'payload_sha256' as answer
      from bar_revisions
     where source = :source and symbol = any(:symbols) and session >= :from and session < :before
       and revised ->> 'basis' <> 'raw' and prior ->> 'basis' = revised ->> 'basis'),
  middle as (
    select symbol, answer, percentile_disc(0.5) within group (order by factor) as factor
      from revised group by symbol, answer having count(*) > 2)
  select symbol, trim_scale(middle.factor)::text as factor, max(session) as through
    from middle join revised using (symbol, answer)
   where abs(revised.factor / middle.factor - 1) <= 0.005 and not middle.factor between 0.94 and 1.06
   group by symbol, answer, middle.factor order by symbol, through`;

/** Adjusted series that were restated by more than a dividend takes out. */
export const restatedSeriesQuestion = (
  db: Db,
  asked: { source: string; symbols: readonly string[]; from: IsoDate; before: IsoDate },
): Question<RestatedSeries[]> =>
  question<RestatedSeries[]>(db.raw(RESTATED, { ...asked } as never), (rows: RestatedSeries[]) => rows);

/**
 * Dates whose closes of these symbols or rates of these pairs were corrected after they were first stored.
 */
export const correctionsQuestion = (
  db: Db,
  asked: {
    source: string;
    /** The first source of rates, then the second. */
    fxSources: readonly string[];
    symbols: readonly string[];
    pairs: readonly string[];
    from: IsoDate;
    before: IsoDate;
  },
): Question<Correction[]> =>
  question<Correction[]>(db.raw(CORRECTIONS, { ...asked } as never), (rows: Correction[]) => rows);
