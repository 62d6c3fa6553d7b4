import { monthsBefore } from '../dates.js';
import type { IsoDate } from '../types.js';

/** How far back an account is looked at, up to its newest close: months, the calendar year, or all of it. */
export type Range = '1m' | '3m' | 'ytd' | '1y' | 'all';

const MONTHS: Record<Exclude<Range, 'ytd' | 'all'>, number> = { '1m': 1, '3m': 3, '1y': 12 };

/** What is asked for: a range, or dates. */
export interface AskedPeriod {
  range: Range | null;
  from: IsoDate | null;
  to: IsoDate | null;
}

/** The date that a range begins with, counted back from the newest close; null: with the first. */
export function rangeBegins(range: Range, newest: IsoDate): IsoDate | null {
  if (range === 'all') return null;
  return range === 'ytd' ? `${Number(newest.slice(0, 4)) - 1}-12-31` : monthsBefore(newest, MONTHS[range]);
}

/**
 * Places of the first and the last close of a period. It is measured from the last close up to its beginning, or from
 * the first of all where there is none before, to the last one up to its end.
 * @param dates of the valued closes, oldest first
 * @returns null where fewer than two closes are in it
 */
export function placesOf(
  dates: readonly IsoDate[],
  { range, from, to }: AskedPeriod,
): { first: number; last: number } | null {
  const newest = dates.at(-1);
  if (newest === undefined) return null;
  const begins = range === null ? from : rangeBegins(range, newest);
  const last = to === null ? dates.length - 1 : dates.findLastIndex((date) => date <= to);
  const first =
    begins === null
      ? 0
      : Math.max(
          0,
          dates.findLastIndex((date) => date <= begins),
        );
  return last > first ? { first, last } : null;
}

/** The sessions between two closes that have no value, for each close. */
export function missingSessions(closes: readonly IsoDate[], sessions: readonly IsoDate[]): IsoDate[][] {
  let place = 0;
  return closes.map((close, index) => {
    const missing: IsoDate[] = [];
    for (; place < sessions.length && sessions[place]! <= close; place++)
      if (index > 0 && sessions[place] !== close) missing.push(sessions[place]!);
    return missing;
  });
}
