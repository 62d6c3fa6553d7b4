import type { EntryDraft } from '../../src/domain/ledger/entries.js';
import type { BookedEntry } from '../../src/domain/ledger/sums.js';

/** Drafts as the journal would hold them, numbered from 1 in order of booking. */
export const booked = (drafts: readonly (EntryDraft & { reverses?: number; key?: string })[]): BookedEntry[] =>
  drafts.map(({ reverses, key, ...draft }, index) => ({
    ...draft,
    entryId: index + 1,
    bookedAt: '2014-06-30T08:00:00.000Z',
    reversesEntryId: reverses ?? null,
    ticketId: null,
    confirmationId: null,
    idempotencyKey: key ?? `test:${index + 1}`,
    operator: 'ann',
  }));
