import type { Db } from '../../db/connect.js';
import { findEntry } from '../../db/journal.js';
import { signaturesOf } from '../../db/signatures.js';
import { outcomeOf, refusal, type Outcome } from '../../domain/errors.js';
import type { Book } from '../../domain/ledger/entries.js';
import type { BookedEntry } from '../../domain/ledger/sums.js';
import type { Signed } from '../../domain/signing/attestation.js';
import { bounded } from '../../domain/text.js';

/** Numbers that an entry may have: more digits are of none. */
const NUMBER = /^\d{1,15}$/;

/** One entry with what belongs to it. */
export interface ReadEntryResult {
  book: Book;
  entry: BookedEntry;
  /** The entry that took it back; null while it stands. */
  reversedBy: number | null;
  /** What was signed for it, oldest first: for itself, or for the answer to a ticket that it was booked by. */
  signatures: Signed[];
}

/** An entry of an account's books, by its number. Refuses with ENTRY_UNKNOWN one that the account does not have. */
export function readEntry(db: Db, account: string, entryId: string): Promise<Outcome<ReadEntryResult>> {
  return outcomeOf(async () => {
    const found = NUMBER.test(entryId) ? await findEntry(db, account, Number(entryId)) : null;
    if (found === null)
      throw refusal('ENTRY_UNKNOWN', `entry: ${bounded(entryId)}: is not in the ledger of ${account}`, {
        remedy: 'trading-ops ledger journal',
      });
    const { confirmationId } = found.entry;
    const own = await signaturesOf(db, 'journal_entries', String(found.entry.entryId));
    const ofAnswer = confirmationId === null ? [] : await signaturesOf(db, 'confirmations', confirmationId);
    return { ...found, signatures: [...own, ...ofAnswer] };
  });
}
