import type { IsoDate } from '../domain/types.js';
import type { Db } from './connect.js';

/** A symbol whose units an account counts. */
export interface Counted {
  account: string;
  symbol: string;
}

const SPLITS = `
  with counted as (select * from unnest(cast(:accounts as text[]), cast(:symbols as text[])) as c(account, symbol)),
  told as (
    select symbol, ex_date from corporate_actions where source = :source and kind = 'SPLIT' and symbol = any(:symbols) and ex_date <= :to
    union select symbol, ex_date from action_rulings where ruling = 'split' and symbol = any(:symbols) and ex_date <= :to)
  select counted.account, counted.symbol, told.ex_date as "exDate" from counted join told using (symbol)
    join journal_entries opening on opening.account = counted.account where opening.book = 'ledger' and opening.kind = 'OPENING' and told.ex_date > opening.effective_date
  union
  select counted.account, counted.symbol, e.effective_date from counted join journal_entries e using (account, symbol)
   where e.book = 'ledger' and e.kind = 'SPLIT' order by 1, 2, 3`;

/**
 * Splits that somebody told of (a provider, a ruling, a booking) since the ledgers were opened, of what accounts count, up to a date.
 * None has been judged: a published one may be on hold, one that was ruled on may have been ruled away since. One statement.
 */
export async function splitsSinceOpening(
  db: Db,
  { source, counted, to }: { source: string; counted: readonly Counted[]; to: IsoDate },
): Promise<(Counted & { exDate: IsoDate })[]> {
  if (counted.length === 0) return [];
  const asked = {
    source,
    to,
    accounts: counted.map(({ account }) => account),
    symbols: counted.map(({ symbol }) => symbol),
  };
  const { rows } = await db.raw<{ rows: (Counted & { exDate: IsoDate })[] }>(SPLITS, asked as never);
  return rows;
}
