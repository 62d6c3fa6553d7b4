import type { IsoDate } from '../types.js';
import type { BookedEntry } from './sums.js';

/**
 * Idempotency keys of bookings that can be right only once. A reversed booking frees its key for one more try, which
 * gets the key with a counter: the journal keeps every key it ever used.
 */
export const dividendKey = (symbol: string, exDate: IsoDate): string => `dividend:${symbol}:${exDate}`;
export const splitKey = (symbol: string, exDate: IsoDate): string => `split:${symbol}:${exDate}`;

/** The standing entry that was booked under a key, or undefined. */
export function bookedUnder(entries: readonly BookedEntry[], key: string): BookedEntry | undefined {
  const reversed = new Set(entries.map((entry) => entry.reversesEntryId));
  return entries.find((entry) => isKeyOf(entry, key) && !reversed.has(entry.entryId));
}

/** The key to book under: the plain one, or with a counter when what was booked under it has been reversed. */
export function nextKey(entries: readonly BookedEntry[], key: string): string {
  const used = entries.filter((entry) => isKeyOf(entry, key)).length;
  const free = bookedUnder(entries, key) === undefined;
  return used === 0 ? key : `${key}#${free ? used + 1 : used}`;
}

const isKeyOf = (entry: BookedEntry, key: string): boolean =>
  entry.idempotencyKey === key || entry.idempotencyKey.startsWith(`${key}#`);
