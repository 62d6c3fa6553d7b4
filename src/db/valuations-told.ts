import { FLOW_KINDS } from '../domain/ledger/flows.js';
import type { ValuationTold } from '../domain/ledger/valuation-proof.js';
import type { DecimalString, Instant, IsoDate } from '../domain/types.js';
import type { Db } from './connect.js';
import { question, type Question } from './questions.js';

/**
 * All that were recorded since the first of so many newest as-of dates of each account, of whatever date: each is gone
 * on from, and one of long ago that is written now wipes a fall as well. Nothing is buried beneath others.
 */
const DATES_TOLD = 40;
/** And of them so many: an ordinary date has one or two. Of more it is told that they are too many. */
export const MOST_TOLD = 1_000;

/** A stored valuation with the ledger that it was made of. */
export interface ToldValuation extends ValuationTold {
  account: string;
  base: string;
  runId: string;
  /** Its place in the order of all facts. */
  seq: number;
  recordedAt: Instant;
  /** Place of its run. */
  runSeq: number;
  /** Whether money came or went, or holdings were set right, between the two. */
  hasFlows: boolean;
  fxRate: DecimalString | null;
  restatedBecause: string | null;
  /** By the worker that wrote it; null of before there were seals, and of what was written by something else. */
  seal: string | null;
  /** Units of the ledger up to its newest entry, by symbol; none that is zero. */
  unitsThen: Record<string, DecimalString>;
}

/** Which valuations are asked for: of one account, those that came since its ticket of an earlier day; or of all. */
export type ToldScope = { account: string; tradingDay: IsoDate } | null;

/** A flow, or the reversal of one, booked between two entries. */
const FLOWS = `
  exists (
    select from journal_entries e left join journal_entries reversed on reversed.entry_id = e.reverses_entry_id
     where e.account = v.account and e.book = 'ledger'
       and e.entry_id > least(b.last_entry_id, v.last_entry_id)
       and e.entry_id <= greatest(b.last_entry_id, v.last_entry_id)
       and coalesce(reversed.kind, e.kind) = any(cast(:kinds as text[])))`;

/** What was valued by an earlier version may have been reckoned otherwise: it is only gone on from. */
const SINCE_MIGRATION = '20261129000000_comparisons_anew.js';

/** Resets after the date before was valued first, and before this valuation. */
const RESETS = `
  select from kill_switch_events k
   where k.account = v.account and k.event = 'RESET' and k.seq < v.seq
     and k.seq > (select min(o.seq) from valuations o where o.account = v.account and o.as_of_date = b.as_of_date)`;

const TOLD = `
  with since as (select migration_time as at from knex_migrations where name = '${SINCE_MIGRATION}')
  select v.account, a.base_currency as base, v.as_of_date as "asOfDate", v.run_id as "runId", v.seq::float8 as seq,
         v.recorded_at::text as "recordedAt", r.seq::float8 as "runSeq",
         coalesce(v.last_entry_id, 0)::float8 as "lastEntryId",
         case when b.seq is null then 0 else coalesce(b.last_entry_id, 0) end::float8 as "previousEntryId",
         ${FLOWS} as "hasFlows",
         v.cash::text, v.positions_value::text as "positionsValue",
         v.equity::text, v.net_flows::text as "netFlows",
         v.equity_index::text as "equityIndex", v.peak_index::text as "peakIndex",
         coalesce(sums.cash, 0)::text as "cashThen", coalesce(sums.units, '{}') as "unitsThen",
         v.restated_because is not null as restated, v.restated_because as "restatedBecause",
         v.fx_rate::text as "fxRate", to_jsonb(v) ->> 'seal' as seal,
         r.as_of_date as "asOfOfRun",
         exists (select from run_results o where o.run_id = v.run_id and o.seq < v.seq) as "isLate",
         coalesce((
           select jsonb_agg(coalesce(o.last_entry_id, 0)) from valuations o
            where o.account = v.account and o.as_of_date = v.as_of_date and o.seq < v.seq), '[]') as "entriesBefore",
         exists (
           select from kill_switch_events k join valuations o on o.account = v.account and o.as_of_date = v.as_of_date
            where k.account = v.account and k.event = 'RESET' and k.seq > o.seq and k.seq < v.seq) as "resetAfter",
         case when b.seq is not null then jsonb_build_object('equity', b.equity::text,
           'equityIndex', b.equity_index::text, 'peakIndex', b.peak_index::text, 'resetSince', exists (
             ${RESETS} and not exists (
               select from valuations n where n.account = v.account and n.as_of_date > b.as_of_date and n.seq < k.seq)),
           'isResetAround', exists (${RESETS})) end as previous
    from since, accounts a cross join lateral (
      select * from valuations n
       where n.account = a.account and case when cast(:tradingDay as date) is null
         then n.seq >= (
           select min(o.seq) from valuations o where o.account = a.account and o.as_of_date >= (
             select min(d.as_of_date) from (
               select distinct as_of_date from valuations where account = a.account
                order by 1 desc limit ${DATES_TOLD}) d))
         else n.seq > coalesce((
             select max(t.seq) from tickets t
              where t.account = a.account and t.trading_day < cast(:tradingDay as date)), 0)
           or (a.clock = 'real' and n.recorded_at > now() - interval '3 days') end
       order by n.seq desc limit ${MOST_TOLD}) v join runs r on r.run_id = v.run_id
    left join lateral (
      select sum(amount) filter (where ledger_account = 'Assets:Cash' and commodity = a.base_currency) as cash,
             jsonb_object_agg(commodity, trim_scale(amount)::text)
               filter (where ledger_account = 'Assets:Units' and amount <> 0) as units
        from (
          select p.ledger_account, p.commodity, sum(p.amount) as amount
            from journal_entries e join postings p using (entry_id)
           where e.account = v.account and e.book = 'ledger' and e.entry_id <= v.last_entry_id
             and p.ledger_account in ('Assets:Cash', 'Assets:Units')
           group by p.ledger_account, p.commodity) summed) sums on true
    left join lateral (
      select * from valuations o where o.account = v.account and o.as_of_date < v.as_of_date and o.seq < v.seq
       order by o.as_of_date desc, o.seq desc limit 1) b on true
   where v.recorded_at > since.at and (cast(:account as text) is null or v.account = :account)
   order by v.account, v.seq`;

/** The newest valuations of each account, or those of one since its ticket before, with what each comes out of. */
export function toldQuestion(db: Db, scope: ToldScope = null): Question<ToldValuation[]> {
  const { account, tradingDay } = scope ?? { account: null, tradingDay: null };
  const asked = { account, tradingDay, kinds: [...FLOW_KINDS] };
  return question<ToldValuation[]>(db.raw(TOLD, asked as never), (rows: ToldValuation[]) => rows);
}

/** Place of the first valuation that bears a seal by this key; null where there is none. @param key its name */
export const sealedSince = (db: Db, key: string): Question<number | null> =>
  question<number | null>(
    db.raw(`select min(seq)::float8 as seq from valuations where left(seal, 16) = ?`, [key]),
    ([found]: { seq: number | null }[]) => found?.seq ?? null,
  );
