import type { Knex } from 'knex';
import { readJournalSchema, type ReadJournal } from '../../contract/ledger-looks.js';
import { parseInput } from '../../contract/reading.js';
import { journal } from '../../db/journal.js';
import { outcomeOf, type Outcome } from '../../domain/errors.js';
import type { Book } from '../../domain/ledger/entries.js';
import type { BookedEntry } from '../../domain/ledger/sums.js';

/** The newest entries of a book, oldest first. */
export function readJournal(
  db: Knex,
  account: string,
  input: ReadJournal,
): Promise<Outcome<{ book: Book; entries: BookedEntry[] }>> {
  return outcomeOf(async () => {
    const { book, limit } = parseInput(readJournalSchema, input);
    return { book, entries: (await journal(db, account, book)).slice(-limit) };
  });
}
