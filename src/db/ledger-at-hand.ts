import type { Knex } from 'knex';
import type { LedgerState } from '../domain/types.js';
import { ledgerState } from './journal.js';
import { rows } from './questions.js';

/** What a ledger came to, by its last entry. */
interface Kept {
  last: string;
  state: LedgerState;
}

const kept = new WeakMap<Knex, Map<string, Kept>>();

/**
 * Cash and units of an account's ledger, summed up once for as long as nothing is booked: entries are never changed, so
 * the last one and when it was booked say all. For whoever looks; what is recorded asks the database under its lock.
 */
export async function ledgerStateAtHand(db: Knex, account: string): Promise<LedgerState> {
  const [newest] = await rows<{ last: string }>(
    db,
    `select entry_id || ' ' || recorded_at as last from journal_entries
      where account = ? and book = 'ledger' order by entry_id desc limit 1`,
    [account],
  );
  const states = kept.get(db) ?? new Map<string, Kept>();
  kept.set(db, states);
  const known = states.get(account);
  if (known !== undefined && known.last === newest?.last) return known.state;
  const state = await ledgerState(db, account);
  // Somebody may have booked in between: then it is not that entry's, and is asked for again.
  if (newest !== undefined && newest.last.startsWith(`${state.lastEntryId} `))
    states.set(account, { last: newest.last, state });
  return state;
}
