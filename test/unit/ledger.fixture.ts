import { depositEntry, type EntryDraft } from '../../src/domain/ledger/entries.js';
import type { BookedEntry } from '../../src/domain/ledger/sums.js';

/** Drafts as the journal would hold them, numbered from 1 in order of booking. */
export const booked = (
  drafts: readonly (EntryDraft & { reverses?: number; key?: string; ticketId?: string | null })[],
): BookedEntry[] =>
  drafts.map(({ reverses, key, ticketId, ...draft }, index) => ({
    ...draft,
    entryId: index + 1,
    bookedAt: '2014-06-30T08:00:00.000Z',
    reversesEntryId: reverses ?? null,
    ticketId: ticketId ?? null,
    confirmationId: null,
    idempotencyKey: key ?? `test:${index + 1}`,
    operator: 'ann',
  }));

/** A deposit of a date, as it is drafted. */
export const deposit = (date: string, amount: string, baseCurrency = 'USD'): EntryDraft =>
  depositEntry({ date, amount, baseCurrency });
