import type { Knex } from 'knex';
import type { LedgerState } from '../domain/types.js';
import type { Db } from './connect.js';
import { heldSymbols } from './holdings.js';
import { ledgerState } from './journal.js';
import { keptWhile } from './kept-while.js';
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

/** Symbols that any account's ledger holds, sorted, summed up once for as long as nothing is booked in any. */
export async function heldAtHand(db: Db): Promise<string[]> {
  const [newest] = await rows<{ word: string | null }>(
    db,
    `select string_agg(concat_ws(' ', a.account, e.entry_id, e.recorded_at), ',' order by a.account) as word
       from accounts a cross join lateral (
         select entry_id, recorded_at from journal_entries
          where account = a.account and book = 'ledger' order by entry_id desc limit 1) e`,
  );
  return keptWhile(db, { key: 'held', word: newest?.word ?? '' }, () => heldSymbols(db));
}
