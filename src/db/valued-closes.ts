import type { StoredClose } from '../domain/performance/closes.js';
import type { IsoDate } from '../domain/types.js';
import type { Db } from './connect.js';
import { cutoffSql, EVERYTHING, type Cutoff } from './cutoff.js';
import { columnsQuestion, type Columns, type Lists, type Question } from './questions.js';

/*
 * A close may have been valued several times: the last one counts, the first one is what was said first. Both are
 * found in one pass over the account's rows.
 */
const CLOSES = `
  select distinct on (as_of_date) as_of_date as "asOfDate", trim_scale(equity)::text as equity, trim_scale(cash)::text as cash,
         trim_scale(positions_value)::text as "positionsValue", trim_scale(net_flows)::text as "netFlows",
         trim_scale(fx_rate)::text as "fxRate",
         coalesce(last_entry_id, 0) as "lastEntryId", restated_because as "restatedBecause",
         trim_scale(first_value(equity) over (partition by as_of_date order by seq))::text as published
    from valuations where account = ? and as_of_date <= ? and seq <= coalesce((CUT), ${EVERYTHING})
   order by as_of_date, seq desc`;

/** Every close of an account that was valued, as valued last, oldest first, with what was said of it first. */
export const valuedCloses = (db: Db, account: string): Question<StoredClose[]> =>
  closesUpTo(db, account, 'infinity', { sql: 'select cast(? as bigint)', binding: EVERYTHING });

/** The same up to a date, as known at the cutoff. */
export const valuedClosesKnown = (
  db: Db,
  { account, asOfDate, cutoff }: { account: string; asOfDate: IsoDate; cutoff: Cutoff },
): Question<StoredClose[]> => closesUpTo(db, account, asOfDate, cutoffSql(cutoff));

const closesUpTo = (
  db: Db,
  account: string,
  to: IsoDate,
  { sql, binding }: ReturnType<typeof cutoffSql>,
): Question<StoredClose[]> =>
  columnsQuestion<StoredClose>(
    db,
    { sql: CLOSES.replace('CUT', sql), bindings: [account, to, binding], columns: COLUMNS },
    closeAt,
  );

const COLUMNS: Columns<StoredClose> = {
  asOfDate: 'text',
  equity: 'text',
  cash: 'text',
  positionsValue: 'text',
  netFlows: 'text',
  fxRate: 'text',
  lastEntryId: 'number',
  restatedBecause: 'free',
  published: 'text',
};

const closeAt = (of: Lists<StoredClose>, at: number): StoredClose => ({
  asOfDate: of.asOfDate[at]!,
  equity: of.equity[at]!,
  cash: of.cash[at]!,
  positionsValue: of.positionsValue[at]!,
  netFlows: of.netFlows[at]!,
  fxRate: of.fxRate[at]!,
  lastEntryId: of.lastEntryId[at]!,
  restatedBecause: of.restatedBecause[at]!,
  published: of.published[at]!,
});
