import { readEntrySchema, type ReadEntry } from '../../contract/ledger-looks.js';
import { parseInput } from '../../contract/reading.js';
import type { Db } from '../../db/connect.js';
import { findEntry } from '../../db/journal.js';
import { signaturesOf } from '../../db/signatures.js';
import { outcomeOf, usageError, type Outcome } from '../../domain/errors.js';
import type { Book } from '../../domain/ledger/entries.js';
import type { BookedEntry } from '../../domain/ledger/sums.js';
import type { Signed } from '../../domain/signing/attestation.js';

/** One entry with what belongs to it. */
export interface ReadEntryResult {
  book: Book;
  entry: BookedEntry;
  /** The entry that took it back; null while it stands. */
  reversedBy: number | null;
  /** What was signed for it, oldest first: for itself, or for the answer to a ticket that it was booked by. */
  signatures: Signed[];
}

/** An entry of an account's books, by its number. Refuses with UNKNOWN_ID one that the account does not have. */
export function readEntry(db: Db, account: string, input: ReadEntry): Promise<Outcome<ReadEntryResult>> {
  return outcomeOf(async () => {
    const { entryId } = parseInput(readEntrySchema, input);
    const found = await findEntry(db, account, entryId);
    if (found === null)
      throw usageError('UNKNOWN_ID', `entry: ${entryId}: is not an entry of ${account}`, {
        remedy: 'trading-ops ledger journal',
      });
    const { confirmationId } = found.entry;
    const own = await signaturesOf(db, 'journal_entries', String(entryId));
    const ofAnswer = confirmationId === null ? [] : await signaturesOf(db, 'confirmations', confirmationId);
    return { ...found, signatures: [...own, ...ofAnswer] };
  });
}
