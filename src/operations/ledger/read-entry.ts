import type { Db } from '../../db/connect.js';
import { journalPage } from '../../db/journal.js';
import { outcomeOf, refusal, type Outcome } from '../../domain/errors.js';
import type { BookedEntry } from '../../domain/ledger/sums.js';
import { bounded } from '../../domain/text.js';

/** Numbers that an entry may have: more digits are of none. */
const NUMBER = /^\d{1,15}$/;

/** One entry of an account's ledger, by its number. @returns or ENTRY_UNKNOWN */
export function readEntry(db: Db, account: string, entryId: string): Promise<Outcome<BookedEntry>> {
  return outcomeOf(async () => {
    const number = NUMBER.test(entryId) ? Number(entryId) : null;
    const [entry] =
      number === null ? [] : await journalPage(db, account, { book: 'ledger', before: number + 1, limit: 1 });
    if (entry?.entryId === number && entry !== undefined) return entry;
    throw refusal('ENTRY_UNKNOWN', `entry: ${bounded(entryId)}: is not in the ledger of ${account}`, {
      remedy: 'trading-ops ledger journal',
    });
  });
}
