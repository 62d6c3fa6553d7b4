import { dateOf, dayNumber } from '../../dates.js';
import type { BookedEntry } from '../../ledger/sums.js';
import type { CorporateAction, IsoDate } from '../../types.js';
import { EX_DATE_DAYS } from './dividend-actions.js';
import type { Period } from './edges.js';

/*
 * Which payment an entry may be of that is booked on another date: nobody knows that by the date that somebody gave it,
 * but its ex-date says between which days it was paid.
 */

/** The ex-date that a dividend is booked with; null of one that was booked without. */
export function exDateOf({ idempotencyKey, description }: BookedEntry): IsoDate | null {
  const said =
    /^dividend:[^:]+:(\d{4}-\d{2}-\d{2})/.exec(idempotencyKey) ?? /, ex-date (\d{4}-\d{2}-\d{2})/.exec(description);
  return said?.[1] ?? null;
}

/**
 * Entries of a symbol that may be what was paid on a day, the newest ex-date first.
 * @param unbooked dividends that may be paid on that day too; one of a newer ex-date is the likelier one
 */
export function payableOn<T extends { entry: BookedEntry }>(
  booked: readonly T[],
  { symbol, date }: { symbol: string; date: IsoDate },
  unbooked: readonly CorporateAction[],
): T[] {
  const payable = booked.flatMap((each) => {
    const exDate = each.entry.symbol === symbol ? exDateOf(each.entry) : null;
    if (exDate === null || exDate > date || dayNumber(date) - dayNumber(exDate) > EX_DATE_DAYS) return [];
    return unbooked.some((action) => action.exDate > exDate) ? [] : [{ each, exDate }];
  });
  return payable.toSorted((a, b) => (a.exDate < b.exDate ? 1 : a.exDate > b.exDate ? -1 : 0)).map(({ each }) => each);
}

/** Whether an entry may be of a payment on a day that is not of the period. */
export function mayBePaidOutside(entry: BookedEntry, { first, last }: Pick<Period, 'first' | 'last'>): boolean {
  const exDate = exDateOf(entry);
  return exDate !== null && (exDate < first || dateOf(dayNumber(exDate) + EX_DATE_DAYS) > last);
}
