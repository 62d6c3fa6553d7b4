import type { Knex } from 'knex';
import { readJournalSchema, type ReadJournal } from '../../contract/ledger-looks.js';
import { parseInput } from '../../contract/reading.js';
import { journalPage } from '../../db/journal.js';
import { outcomeOf, type Outcome } from '../../domain/errors.js';
import type { Book } from '../../domain/ledger/entries.js';
import type { BookedEntry } from '../../domain/ledger/sums.js';

/** The newest entries of a book that are asked for, oldest first. */
export function readJournal(
  db: Knex,
  account: string,
  input: ReadJournal,
): Promise<Outcome<{ book: Book; entries: BookedEntry[] }>> {
  return outcomeOf(async () => {
    const { book, ...wanted } = parseInput(readJournalSchema, input);
    const newest = await journalPage(db, account, { book, before: null, ...wanted });
    return { book, entries: newest.toReversed() };
  });
}
