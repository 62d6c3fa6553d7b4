import { dateOf, dayNumber, weekdayOf } from '../domain/dates.js';
import type { Instant } from '../domain/types.js';

/** An instant and how many minutes a zone is ahead of UTC there. */
export interface KnownOffset {
  zone: 'Europe/London' | 'America/New_York';
  at: Instant;
  minutes: number;
}

const HOUR_MS = 3_600_000;

/** The n-th Sunday of a month (1 January to 12 December), or the last one for -1, as a day number. */
function sunday(year: number, month: number, n: number): number {
  const first = dayNumber(`${year}-${String(month).padStart(2, '0')}-01`);
  const sundays = Array.from({ length: 31 }, (_, i) => first + i).filter(
    (day) => weekdayOf(day) === 7 && Number(dateOf(day).slice(5, 7)) === month,
  );
  return sundays.at(n < 0 ? n : n - 1) as number;
}

/**
 * The offsets an hour before and at each change of the clocks in a year, by the rules in force since 2007: the UK changes
 * at 01:00 UTC on the last Sundays of March and October, the US at 02:00 local time on the second Sunday of March and the
 * first of November.
 */
export function offsetsOf(year: number): KnownOffset[] {
  const change = (
    zone: KnownOffset['zone'],
    day: number,
    hourUtc: number,
    before: number,
    after: number,
  ): KnownOffset[] => {
    const at = Date.parse(`${dateOf(day)}T00:00:00Z`) + hourUtc * HOUR_MS;
    return [
      { zone, at: new Date(at - HOUR_MS).toISOString(), minutes: before },
      { zone, at: new Date(at).toISOString(), minutes: after },
    ];
  };
  return [
    ...change('America/New_York', sunday(year, 3, 2), 7, -300, -240),
    ...change('Europe/London', sunday(year, 3, -1), 1, 0, 60),
    ...change('Europe/London', sunday(year, 10, -1), 1, 60, 0),
    ...change('America/New_York', sunday(year, 11, 1), 6, -240, -300),
  ];
}

/** Changes that no rule gives: British Standard Time, and the US law of 2005. Old zone data gets one of them wrong. */
const HISTORY: KnownOffset[] = [
  { zone: 'Europe/London', at: '1970-01-15T12:00:00.000Z', minutes: 60 },
  { zone: 'America/New_York', at: '2006-03-20T12:00:00.000Z', minutes: -300 },
  { zone: 'America/New_York', at: '2007-03-20T12:00:00.000Z', minutes: -240 },
];

/** What zone data must say: of the past, of this year and of the next. */
export const knownOffsets = (year: number): KnownOffset[] => [...HISTORY, ...offsetsOf(year), ...offsetsOf(year + 1)];

/** The first instant at which the answers differ from what is known, in words; null when none does. */
export function firstDifference(known: readonly KnownOffset[], minutes: readonly (number | null)[]): string | null {
  const at = known.findIndex((one, index) => one.minutes !== minutes[index]);
  const one = known[at];
  return one ? `${one.zone} at ${one.at}: ${minutes[at]} minutes from UTC instead of ${one.minutes}` : null;
}
