import type { Knex } from 'knex';
import { isDeepStrictEqual } from 'node:util';
import { appendAudit } from '../../db/audit.js';
import { bookEntry, journal, lockJournal } from '../../db/journal.js';
import { inTransaction } from '../../db/transaction.js';
import { refusal } from '../../domain/errors.js';
import type { EntryDraft } from '../../domain/ledger/entries.js';
import { bookedUnder, nextKey } from '../../domain/ledger/keys.js';
import type { BookedEntry } from '../../domain/ledger/sums.js';
import type { Account, Instant } from '../../domain/types.js';

/** Who books into which account, and when by its clock. */
export interface Bookkeeper {
  account: Account;
  operator: string;
  at: Instant;
}

export interface Booked {
  entryId: number;
  /** False when the very same was booked before: then nothing changed. */
  bookedNow: boolean;
  draft: EntryDraft;
}

/** What to book, decided on the journal as it is once the account is locked. */
export interface Order {
  /** What this can be booked under only once: a dividend, a split, a deposit of one day and amount. */
  key: string;
  draft: EntryDraft;
  reversesEntryId?: number;
  /** What the audit record carries beyond the entry. */
  detail?: object;
}

/**
 * Books one entry into the ledger: decided, checked and written under the account's lock, with its audit record. The
 * same again changes nothing; something else under the same key is refused, with the way to correct it.
 */
export function bookOnce(db: Knex, by: Bookkeeper, action: string, decide: (entries: BookedEntry[]) => Order | Promise<Order>): Promise<Booked> {
  return inTransaction(db, async (trx) => {
    await lockJournal(trx, by.account.account);
    const entries = await journal(trx, by.account.account);
    if (entries.length === 0) throw ledgerEmpty(by.account.account);
    const { key, draft, detail, reversesEntryId = null } = await decide(entries);
    const earlier = bookedUnder(entries, key);
    if (earlier && !sameBooking(earlier, draft)) throw bookedDifferently(earlier, by.account.account);
    if (earlier) return { entryId: earlier.entryId, bookedNow: false, draft };
    const { entryId } = await bookEntry(trx, draft, {
      account: by.account.account, bookedAt: by.at, operator: by.operator, idempotencyKey: nextKey(entries, key), reversesEntryId,
    });
    await appendAudit(trx, {
      at: by.at, account: by.account.account, actor: by.operator, action, subject: String(entryId), detail: { key, postings: draft.postings, ...detail },
    });
    return { entryId, bookedNow: true, draft };
  });
}

/** Refused until a first snapshot has opened the ledger. */
export const ledgerEmpty = (account: string) => refusal('LEDGER_EMPTY', `the ledger of ${account} is empty: nothing can be booked before it is opened`, {
  remedy: 'open it with the first snapshot (make reconcile-daily) or with trading-ops ledger-baseline --cash … --position … --reason …',
});

const sameBooking = (entry: BookedEntry, draft: EntryDraft): boolean => isDeepStrictEqual(entry.postings, draft.postings);

const bookedDifferently = (entry: BookedEntry, account: string) => refusal('ALREADY_BOOKED_DIFFERENTLY',
  `entry ${entry.entryId} of ${entry.operator} at ${entry.bookedAt} already says: ${entry.description}, with other amounts`,
  { remedy: `to correct it: trading-ops ledger reverse --entry ${entry.entryId} --reason "<why>" --account ${account}, then book it again` });
