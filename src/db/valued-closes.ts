import { toText, D } from '../domain/money.js';
import type { StoredClose } from '../domain/performance/closes.js';
import type { Db } from './connect.js';
import { rowsQuestion, answeredAs, type Question } from './questions.js';

/*
 * A close may have been valued several times: the last one counts, the first one is what was said first. Both are
 * found in one pass over the account's rows.
 */
const CLOSES = `
  select distinct on (as_of_date) as_of_date as "asOfDate", equity::text, cash::text,
         positions_value::text as "positionsValue", net_flows::text as "netFlows",
         trim_scale(fx_rate)::text as "fxRate",
         coalesce(last_entry_id, 0) as "lastEntryId", restated_because as "restatedBecause",
         (first_value(equity) over (partition by as_of_date order by seq))::text as published
    from valuations where account = ? order by as_of_date, seq desc`;

/** Every close of an account that was valued, as valued last, oldest first, with what was said of it first. */
export const valuedCloses = (db: Db, account: string): Question<StoredClose[]> =>
  answeredAs(rowsQuestion<StoredClose>(db, CLOSES, [account]), (rows) =>
    rows.map((row) => ({ ...row, published: toText(D(row.published)), lastEntryId: Number(row.lastEntryId) })),
  );
