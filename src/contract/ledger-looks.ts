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
