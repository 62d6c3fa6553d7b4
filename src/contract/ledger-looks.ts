import { z } from 'zod';
import { DEFAULTS } from './defaults.js';
import { countShape } from './lists.js';

/** The book that is looked at: the ledger, or the fills of dry runs. */
const book = z.enum(['ledger', 'paper'], { error: 'must be ledger or paper' }).default(DEFAULTS.book);

/** Looks at positions, cash and value. */
export const reportBookSchema = z.object({ book });
export type ReportBook = z.input<typeof reportBookSchema>;

/** Looks at the newest entries. */
export const readJournalSchema = z.object({ book, limit: countShape(DEFAULTS.entries) });
export type ReadJournal = z.input<typeof readJournalSchema>;

/** Looks at a page of the journal: the newest, or what was booked before an entry. */
export const pageJournalSchema = z.object({
  book,
  before: z
    .string()
    .regex(/^[1-9]\d{0,14}$/, 'must be the number of an entry')
    .transform(Number)
    .nullable()
    .default(null),
});
export type PageJournal = z.input<typeof pageJournalSchema>;
