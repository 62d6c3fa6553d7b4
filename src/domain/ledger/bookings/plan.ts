import { refusal, refused, usageError, type OpsError, type Outcome } from '../../errors.js';
import type { Account, IsoDate } from '../../types.js';
import type { EntryDraft } from '../entries.js';
import { bookedUnder, nextKey } from '../keys.js';
import { hasItsDateIn, reckonedAfter } from '../sequence.js';
import { openingDate, type BookedEntry } from '../sums.js';

/** An entry that a rule has decided on, and the key it is booked under: the same key again books nothing. */
export interface PlannedEntry {
  draft: EntryDraft;
  key: string;
  reversesEntryId: number | null;
  /** The standing entry that says the very same: then nothing is to be booked. */
  standing: BookedEntry | null;
}

/** What a rule answers: the entry, or why not. */
export type EntryPlan = Outcome<PlannedEntry>;

/** Refused until a first snapshot or a baseline has opened the ledger. */
export const ledgerEmpty = (account: string) =>
  refusal('LEDGER_EMPTY', `the ledger of ${account} is empty: nothing can be booked before it is opened`, {
    remedy:
      'open it with the first snapshot (make reconcile-daily) or with trading-ops ledger-baseline --cash … --position … --reason …',
  });

/** Nothing is booked that has not happened. @param field whose date it is. */
export const inFuture = (field: string, date: IsoDate, today: IsoDate) =>
  usageError('DATE_INVALID', `${field}: ${date}: must not be in the future: today is ${today}`, {
    remedy: 'Nothing was booked. Give the date on which it happened.',
  });

/** Nothing is booked from before the opening, which has it already. An equal date is right: the opening comes first. */
export function beforeOpening(entries: readonly BookedEntry[], field: string, date: IsoDate) {
  const opened = openingDate(entries);
  if (opened === null || date >= opened) return null;
  return usageError(
    'DATE_INVALID',
    `${field}: ${date}: must not be before the ledger was opened, ${opened}: what was earlier is in its opening`,
    { remedy: 'Nothing was booked. What is wrong in the opening is corrected with: trading-ops ledger-baseline' },
  );
}

/**
 * Refused of a symbol that neither the universe nor the ledger has: a slip of typing would be booked beside what was
 * meant, and that would stay unbooked.
 */
export function unknownSymbol(
  entries: readonly BookedEntry[],
  symbol: string,
  isKnown: (symbol: string) => boolean,
): OpsError | null {
  const names = (entry: BookedEntry) =>
    entry.symbol === symbol || entry.postings.some(({ commodity }) => commodity === symbol);
  if (isKnown(symbol) || entries.some(names)) return null;
  return usageError('SYMBOL_UNKNOWN', `symbol: ${symbol}: is neither in the universe nor in the ledger`, {
    remedy: 'nothing was booked: correct the symbol, or add its row to universe.csv',
  });
}

/**
 * Plans an entry that can be right only once: the same again is the standing one, something else under the same key is
 * refused with the way to correct it; after a reversal the key gets a counter.
 */
export function plannedOnce(
  entries: readonly BookedEntry[],
  { account }: Pick<Account, 'account'>,
  { key, draft, reversesEntryId = null }: { key: string; draft: EntryDraft; reversesEntryId?: number | null },
): EntryPlan {
  const standing = bookedUnder(entries, key) ?? null;
  if (standing && !samePostings(standing, draft)) {
    return refused(
      refusal(
        'ALREADY_BOOKED_DIFFERENTLY',
        `entry ${standing.entryId} of ${standing.operator} at ${standing.bookedAt} already says: ${standing.description}, with other amounts`,
        {
          remedy: `to correct it: trading-ops ledger reverse --entry ${standing.entryId} --reason "<why>" --account ${account}, then book it again`,
        },
      ),
    );
  }
  return { ok: true, result: { draft, key: nextKey(entries, key), reversesEntryId, standing } };
}

/**
 * Why a change of units of before a date cannot be booked: something was reckoned from the units of then. Null when it
 * can. @param field what the date is called.
 */
export function outOfOrder(
  entries: readonly BookedEntry[],
  symbols: readonly string[],
  { field, date, booked, account }: { field: string; date: IsoDate; booked: BookedEntry | null; account: string },
): OpsError | null {
  const later = booked === null ? reckonedAfter(entries, symbols, { date }) : undefined;
  if (later === undefined) return null;
  return refusal(
    'BOOKED_OUT_OF_ORDER',
    `${field}: ${date}: must ${hasItsDateIn(later) ? 'be after' : 'not be before'} ${later.effectiveDate}: ` +
      `entry ${later.entryId} of that date was reckoned from the units of ${symbols[0]} held before it: ` +
      later.description,
    {
      remedy:
        `nothing was booked; take that back first: trading-ops ledger reverse --entry ${later.entryId} ` +
        `--reason "<why>" --account ${account}, then book both in the order in which they happened`,
    },
  );
}

/** Whether two entries move the same amounts in the same order, and split a cost alike. */
export const samePostings = (a: EntryDraft, b: EntryDraft): boolean =>
  (a.costShare ?? null) === (b.costShare ?? null) &&
  a.postings.length === b.postings.length &&
  a.postings.every(({ account, commodity, amount }, index) => {
    const other = b.postings[index];
    return other?.account === account && other.commodity === commodity && other.amount === amount;
  });
