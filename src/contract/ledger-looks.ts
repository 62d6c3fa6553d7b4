import { z } from 'zod';
import { ENTRY_KINDS } from '../domain/ledger/entries.js';
import { dateShape, isBeginningOfId, symbolShape } from '../domain/shapes.js';
import { DEFAULTS } from './defaults.js';
import { countShape } from './lists.js';
import { orNothing } from './or-nothing.js';

/** The book that is looked at: the ledger, or the fills of dry runs. */
const book = z.enum(['ledger', 'paper'], { error: 'must be ledger or paper' }).default(DEFAULTS.book);

/** Looks at positions, cash and value. */
export const reportBookSchema = z.object({ book });
export type ReportBook = z.input<typeof reportBookSchema>;

/** Which entries of the journal are looked at: those of which everything holds that is asked. */
const journalFilter = {
  /** Entries about a symbol, or that moved units of it. */
  symbol: orNothing(symbolShape()),
  kind: orNothing(z.enum(ENTRY_KINDS, { error: `must be one of ${ENTRY_KINDS.join(', ')}` })),
  /** Of one ticket, by its id or the first eight characters of it. */
  ticket: orNothing(z.string().refine(isBeginningOfId, 'must be the id of a ticket, or its first eight characters')),
  /** Effective dates from here on, and up to here. */
  from: orNothing(dateShape()),
  to: orNothing(dateShape()),
};

const areInOrder = ({ from, to }: { from: string | null; to: string | null }): boolean =>
  from === null || to === null || from <= to;
const IN_ORDER = { path: ['to'], error: 'must not be before from' };

/** Looks at the newest entries. */
export const readJournalSchema = z
  .object({ book, limit: countShape(DEFAULTS.entries), ...journalFilter })
  .refine(areInOrder, IN_ORDER);
export type ReadJournal = z.input<typeof readJournalSchema>;

/** The number of an entry of the journal, or of a record of the audit log. */
const numberShape = (rule: string) =>
  z
    .string()
    .regex(/^[1-9]\d{0,14}$/, rule)
    .transform(Number);

/** Looks at a page of the journal: the newest, or what was booked before an entry. */
export const pageJournalSchema = z
  .object({
    book,
    before: numberShape('must be the number of an entry').nullable().default(null),
    ...journalFilter,
  })
  .refine(areInOrder, IN_ORDER);
export type PageJournal = z.input<typeof pageJournalSchema>;
