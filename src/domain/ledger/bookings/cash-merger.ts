import { refused } from '../../errors.js';
import type { EntryDraft, EntryKind } from '../entries.js';
import { cashMergerEntry, delistingEntry } from '../reorganisations.js';
import type { BookedEntry } from '../sums.js';
import { eventPlan, heldBefore, wrongEvent, type EventCommand } from './event.js';
import { proceedsOf, type ListingRate, type ProceedsCommand } from './proceeds.js';
import type { EntryPlan } from './plan.js';

export type CashMergerCommand = EventCommand & ProceedsCommand;

/** Plans that a whole holding was bought out for cash: its cost is set against what arrived. */
export function planCashMerger(
  entries: readonly BookedEntry[],
  command: CashMergerCommand,
  rate: ListingRate,
): EntryPlan {
  const draftOf: DraftOf = (event, cash) => cashMergerEntry({ ...event, cash: cash ?? '0' });
  return planPaidOut(entries, command, rate, { kind: 'CASH_MERGER', draftOf });
}

/** Plans that a holding is gone, for what was paid out in the end or for nothing: the rest of its cost is a loss. */
export function planDelisting(
  entries: readonly BookedEntry[],
  command: CashMergerCommand,
  rate: ListingRate,
): EntryPlan {
  const draftOf: DraftOf = (event, cash) => delistingEntry({ ...event, cash });
  return planPaidOut(entries, command, rate, { kind: 'DELISTING', draftOf });
}

type DraftOf = (event: Omit<Parameters<typeof delistingEntry>[0], 'cash'>, cash: string | null) => EntryDraft;

function planPaidOut(
  entries: readonly BookedEntry[],
  command: CashMergerCommand,
  rate: ListingRate,
  { kind, draftOf }: { kind: EntryKind; draftOf: DraftOf },
): EntryPlan {
  const wrong = wrongEvent(entries, command, 'date');
  if (wrong) return refused(wrong);
  const units = heldBefore(entries, command, { kind });
  if (!units.ok) return units;
  const cash = proceedsOf(units.result, command, rate);
  if (!cash.ok) return cash;
  const { account, symbol, date } = command;
  const event = { date, baseCurrency: account.baseCurrency, symbol, units: units.result };
  return eventPlan(entries, command, draftOf(event, cash.result));
}
