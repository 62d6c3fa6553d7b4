import { z } from 'zod';

/** The book that is looked at: the ledger, or the fills of dry runs. */
const book = z.enum(['ledger', 'paper'], { error: 'must be ledger or paper' });

/** Looks at positions, cash and value. */
export const reportBookSchema = z.object({ book });
export type ReportBook = z.input<typeof reportBookSchema>;

/** Looks at the newest entries. */
export const readJournalSchema = z.object({
  book,
  limit: z
    .string()
    .regex(/^[1-9]\d{0,4}$/, 'must be a whole number from 1 to 99999')
    .transform(Number),
});
export type ReadJournal = z.input<typeof readJournalSchema>;
