import { pageJournalSchema, type PageJournal } from '../../contract/ledger-looks.js';
import { parseInput } from '../../contract/reading.js';
import type { Db } from '../../db/connect.js';
import { journalPage } from '../../db/journal.js';
import { outcomeOf, type Outcome } from '../../domain/errors.js';
import type { Book } from '../../domain/ledger/entries.js';
import type { BookedEntry } from '../../domain/ledger/sums.js';

/** Entries on a page. */
const PAGE = 50;

/** A page of a book, newest first. */
export interface JournalPage {
  book: Book;
  entries: BookedEntry[];
  /** Before which entry the next page begins; null on the last one. */
  older: number | null;
}

/** The newest entries of a book that are asked for, or those booked before an entry, a page at a time. */
export function pageJournal(db: Db, account: string, input: PageJournal): Promise<Outcome<JournalPage>> {
  return outcomeOf(async () => {
    const { book, ...wanted } = parseInput(pageJournalSchema, input);
    // One more than is shown says whether there is another page.
    const found = await journalPage(db, account, { book, ...wanted, limit: PAGE + 1 });
    const entries = found.slice(0, PAGE);
    return { book, entries, older: found.length > PAGE ? (entries.at(-1)?.entryId ?? null) : null };
  });
}
