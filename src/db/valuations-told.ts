import type { ValuationTold } from '../domain/ledger/valuation-proof.js';
import type { IsoDate } from '../domain/types.js';
import type { Db } from './connect.js';
import { rows } from './questions.js';

/** So many of each account: of those that came since somebody looked last, whichever as-of date they are of. */
const NEWEST = 40;

/** What was valued by an earlier version may have been reckoned otherwise: it is only gone on from. */
const SINCE_MIGRATION = '20261129000000_comparisons_anew.js';

const TOLD = `
  with since as (select migration_time as at from knex_migrations where name = '${SINCE_MIGRATION}')
  select v.account, v.as_of_date as "asOfDate", v.cash::text, v.positions_value::text as "positionsValue",
         v.equity::text, v.net_flows::text as "netFlows",
         v.equity_index::text as "equityIndex", v.peak_index::text as "peakIndex",
         (select coalesce(sum(p.amount), 0)::text from journal_entries e join postings p using (entry_id)
           where e.account = v.account and e.book = 'ledger' and e.entry_id <= v.last_entry_id
             and p.ledger_account = 'Assets:Cash' and p.commodity = a.base_currency) as "cashThen",
         v.restated_because is not null as restated,
         exists (
           select from kill_switch_events k join valuations o on o.account = v.account and o.as_of_date = v.as_of_date
            where k.account = v.account and k.event = 'RESET' and k.seq > o.seq and k.seq < v.seq) as "resetAfter",
         case when b.seq is not null then jsonb_build_object('equity', b.equity::text,
           'equityIndex', b.equity_index::text, 'peakIndex', b.peak_index::text, 'resetSince', exists (
             select from kill_switch_events k where k.account = v.account and k.event = 'RESET'
               and k.seq > b.seq and k.seq < v.seq)) end as previous
    from since, accounts a cross join lateral (
      select * from valuations n where n.account = a.account order by n.seq desc limit ${NEWEST}) v
    left join lateral (
      select * from valuations o where o.account = v.account and o.as_of_date < v.as_of_date and o.seq < v.seq
       order by o.as_of_date desc, o.seq desc limit 1) b on true
   where v.recorded_at > since.at order by v.account, v.seq`;

/** The newest valuations of each account, with what each has to come out of. */
export const newestTold = (db: Db): Promise<(ValuationTold & { account: string; asOfDate: IsoDate })[]> =>
  rows<ValuationTold & { account: string; asOfDate: IsoDate }>(db, TOLD);
