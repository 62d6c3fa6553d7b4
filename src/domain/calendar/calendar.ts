import { DateTime } from 'luxon';
import { oneOffClosures } from './closures.js';
import { dateOf, dayNumber, isInstant, isIsoDate, weekdayOf, yearOfDay } from '../dates.js';
import { closuresOf, earlyClosesOf } from './holidays.js';
import { keepNewest } from '../keep.js';
import type { Instant, IsoDate, Slot } from '../types.js';

const NEW_YORK = 'America/New_York';
const LONDON = 'Europe/London';
const slotTimes: Record<Slot, string> = { '0800': '08:00', '1400': '14:00' };

/** Closures and early closes announced since this version: the `calendar` section of policy.yml. */
export interface CalendarAdditions {
  readonly extra_closures: readonly IsoDate[];
  readonly extra_early_closes: readonly IsoDate[];
}
const nothingAdded: CalendarAdditions = { extra_closures: [], extra_early_closes: [] };

/**
 * Whether the NYSE trades on `date`. The rules hold from 2000 on (docs/RULES.md 7.1); Nasdaq keeps the same days.
 * Throws RangeError on text that is no date.
 */
export function isSession(date: IsoDate, added: CalendarAdditions = nothingAdded): boolean {
  return isTrading(dayNumber(date), added);
}

/**
 * The same of a day number. A walk over years of sessions asks this a thousand times, so nothing is written as text
 * here.
 */
function isTrading(day: number, { extra_closures: extra }: CalendarAdditions): boolean {
  return weekdayOf(day) <= 5 && !builtInClosures(day).has(day) && !(extra.length > 0 && extra.includes(dateOf(day)));
}

const closedDays = new Map<number, ReadonlySet<number>>();

/** The built-in closures, by rule and one-off, of the year that a day is in. */
function builtInClosures(day: number): ReadonlySet<number> {
  const year = yearOfDay(day);
  let days = closedDays.get(year);
  if (!days) closedDays.set(year, (days = new Set([...closuresOf(year), ...oneOffClosures].map(dayNumber))));
  return days;
}

/** Whether `date` is a session that ends at 13:00 New York instead of 16:00: a normal bar with low volume. */
export function isEarlyClose(date: IsoDate, added: CalendarAdditions = nothingAdded): boolean {
  return isSession(date, added) && (earlyClosesOf(yearOf(date)).has(date) || added.extra_early_closes.includes(date));
}

/** The last session strictly before `date`. */
export const previousSession = (date: IsoDate, added: CalendarAdditions = nothingAdded): IsoDate =>
  addSessions(date, -1, added);

/** The first session strictly after `date`. */
export const nextSession = (date: IsoDate, added: CalendarAdditions = nothingAdded): IsoDate =>
  addSessions(date, 1, added);

/** The |n|-th session strictly after (n > 0) or before (n < 0) `date`; `date` itself for 0. */
export function addSessions(date: IsoDate, n: number, added: CalendarAdditions = nothingAdded): IsoDate {
  const direction = n > 0 ? 1 : -1;
  let day = dayNumber(date);
  for (let left = Math.abs(n); left > 0; left--) {
    do day += direction;
    while (!isTrading(day, added));
  }
  return dateOf(day);
}

/** All sessions from `from` to `to`, both included, oldest first; empty when `to` is before `from`. */
export function sessionsBetween(from: IsoDate, to: IsoDate, added: CalendarAdditions = nothingAdded): IsoDate[] {
  const sessions: IsoDate[] = [];
  const last = dayNumber(to);
  for (let day = dayNumber(from); day <= last; day++) if (isTrading(day, added)) sessions.push(dateOf(day));
  return sessions;
}

/** The instant at which the session of `date` ends. Throws RangeError when `date` is no session. */
export function sessionCloseAt(date: IsoDate, added: CalendarAdditions = nothingAdded): Instant {
  if (!isSession(date, added)) throw new RangeError(`${date} is not a session of the NYSE`);
  return instantAt(date, isEarlyClose(date, added) ? '13:00' : '16:00', NEW_YORK);
}

/**
 * The session whose prices a decision on `tradingDay` is made from: the last one completed before that day. At 08:00 UK
 * it has been over for 11 to 12 hours.
 */
export const asOfDate = (tradingDay: IsoDate, added: CalendarAdditions = nothingAdded): IsoDate =>
  previousSession(tradingDay, added);

/** The UK calendar date of an instant. Throws RangeError when the instant carries no offset. */
export function tradingDayOf(instant: Instant): IsoDate {
  const day = days.get(instant) ?? steadyDay(instant) ?? inLondon(instant).toISODate();
  keepNewest(days, instant, day, INSTANTS_KEPT);
  return day;
}

/** UK time of day of an instant, `HH:MM`. */
export const londonTime = (instant: Instant): string =>
  inLondon(instant).toISOTime({ includeOffset: false }).slice(0, 5);

/** The instant of a UK time of day `HH:MM` on a date. */
export const londonInstant = (date: IsoDate, timeOfDay: string): Instant => instantAt(date, timeOfDay, LONDON);

/** The instant of a slot on a UK date. Both times exist exactly once on every day: UK clocks move at 01:00. */
export const slotAt = (date: IsoDate, slot: Slot): Instant => instantAt(date, slotTimes[slot], LONDON);

/** Whether the portfolio may be changed on `date`: every session, or only the first session of its week. */
export function isRebalanceDay(
  date: IsoDate,
  cadence: 'weekly' | 'daily',
  added: CalendarAdditions = nothingAdded,
): boolean {
  if (!isSession(date, added)) return false;
  if (cadence === 'daily') return true;
  const day = dayNumber(date);
  const monday = day - (weekdayOf(day) - 1);
  return sessionsBetween(dateOf(monday), date, added).length === 1;
}

/**
 * When the day's ticket may be executed: 5 to 60 minutes after the NYSE opens (09:30 New York), which is 14:35 to
 * 15:30 UK, and an hour earlier in the weeks when the clocks of the two countries differ. Null when there is no
 * session.
 */
export function executionWindow(
  date: IsoDate,
  added: CalendarAdditions = nothingAdded,
): { opensAt: Instant; closesAt: Instant } | null {
  if (!isSession(date, added)) return null;
  return { opensAt: instantAt(date, '09:35', NEW_YORK), closesAt: instantAt(date, '10:30', NEW_YORK) };
}

const yearOf = (date: IsoDate): number => Number(date.slice(0, 4));

/** Instants that are asked for again and again on one day. */
const INSTANTS_KEPT = 64;
const instants = new Map<string, Instant>();

function instantAt(date: IsoDate, timeOfDay: string, zone: string): Instant {
  const local = `${date}T${timeOfDay}`;
  const key = `${local} ${zone}`;
  const instant = instants.get(key) ?? inSteadyMonth(date, timeOfDay, zone) ?? luxonInstant(local, zone);
  keepNewest(instants, key, instant, INSTANTS_KEPT);
  return instant;
}

const luxonInstant = (local: string, zone: string): Instant =>
  DateTime.fromISO(local, { zone }).toJSDate().toISOString();

const TIME_OF_DAY = /^([01]\d|2[0-3]):[0-5]\d$/;

/** The same without asking anybody about the zone, in a month in which its clocks do not move; null in others. */
function inSteadyMonth(date: IsoDate, timeOfDay: string, zone: string): Instant | null {
  if (!isIsoDate(date) || !TIME_OF_DAY.test(timeOfDay)) return null;
  const offset = steadyOffset(date.slice(0, 7), zone);
  return offset === null ? null : new Date(Date.parse(`${date}T${timeOfDay}:00Z`) - offset).toISOString();
}

const steadyOffsets = new Map<string, number | null>();

/** What a zone's clocks are ahead of UTC in a month, milliseconds; null where they move in it. */
function steadyOffset(month: string, zone: string): number | null {
  const key = `${month} ${zone}`;
  const known = steadyOffsets.get(key);
  if (known !== undefined) return known;
  const first = DateTime.fromISO(`${month}-01T00:00`, { zone });
  const [begins, ends] = [first.offset, first.plus({ months: 1 }).minus({ minutes: 1 }).offset];
  const offset = begins === ends ? begins * 60_000 : null;
  keepNewest(steadyOffsets, key, offset, MONTHS_KEPT);
  return offset;
}

/** A century of the two zones. */
const MONTHS_KEPT = 2_400;

const days = new Map<Instant, IsoDate>();

const IN_UTC = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/** The UK date of an instant in the one form that the program writes, in a month in which UK clocks do not move. */
function steadyDay(instant: Instant): IsoDate | null {
  if (!IN_UTC.test(instant) || !isInstant(instant)) return null;
  const offset = steadyOffset(instant.slice(0, 7), LONDON);
  if (offset === null) return null;
  const day = new Date(Date.parse(instant) + offset).toISOString().slice(0, 10);
  // The month before or after may have another offset.
  return day.startsWith(instant.slice(0, 7)) ? day : null;
}

function inLondon(instant: Instant): DateTime<true> {
  // Without an offset the text would silently be taken for UK time.
  if (!/[Tt].*(?:[Zz]|[+-]\d{2}(?::?\d{2})?)$/.test(instant))
    throw new RangeError(`not an instant with offset: ${instant}`);
  const time = DateTime.fromISO(instant, { zone: LONDON });
  if (!time.isValid) throw new RangeError(`not an instant with offset: ${instant}`);
  return time;
}
