import { dateOf, dayNumber, weekdayOf } from '../dates.js';
import type { IsoDate } from '../types.js';

const MONDAY = 1;
const THURSDAY = 4;
const SATURDAY = 6;
const SUNDAY = 7;

const closuresByYear = new Map<number, ReadonlySet<IsoDate>>();
const earlyClosesByYear = new Map<number, ReadonlySet<IsoDate>>();

/** The NYSE's full closures by rule in a year (docs/RULES.md 7.1), one-off closures left out. */
export function closuresOf(year: number): ReadonlySet<IsoDate> {
  return remembered(closuresByYear, year, closureRules);
}

/** The NYSE's days that end at 13:00 New York by rule in a year. */
export function earlyClosesOf(year: number): ReadonlySet<IsoDate> {
  return remembered(earlyClosesByYear, year, earlyCloseRules);
}

function remembered(
  known: Map<number, ReadonlySet<IsoDate>>,
  year: number,
  rules: (year: number) => number[],
): ReadonlySet<IsoDate> {
  let dates = known.get(year);
  if (!dates) known.set(year, (dates = new Set(rules(year).map(dateOf))));
  return dates;
}

function closureRules(year: number): number[] {
  const closures = [
    nthWeekday(year, 1, 3, MONDAY), // M. L. King
    nthWeekday(year, 2, 3, MONDAY), // Washington's Birthday
    easterSunday(year) - 2, // Good Friday
    lastMondayOfMay(year), // Memorial Day
    observed(on(year, 7, 4)), // Independence Day
    nthWeekday(year, 9, 1, MONDAY), // Labor Day
    thanksgiving(year),
    observed(on(year, 12, 25)), // Christmas
  ];
  if (year >= 2022) closures.push(observed(on(year, 6, 19))); // Juneteenth
  // New Year on a Saturday is not made up for: the books of the old year are closed on its last weekday.
  const newYear = on(year, 1, 1);
  if (weekdayOf(newYear) !== SATURDAY) closures.push(observed(newYear));
  return closures;
}

function earlyCloseRules(year: number): number[] {
  const days = [thanksgiving(year) + 1];
  const christmasEve = on(year, 12, 24);
  if (weekdayOf(christmasEve) <= THURSDAY) days.push(christmasEve);
  const eveOfIndependence = on(year, 7, 3);
  if (weekdayOf(eveOfIndependence) <= THURSDAY) days.push(eveOfIndependence);
  // Until 2012 a Thursday 4 July moved the short day to the Friday after it.
  const onWednesday = weekdayOf(eveOfIndependence) === 3;
  return onWednesday && year < 2013 ? days.map((day) => (day === eveOfIndependence ? day + 2 : day)) : days;
}

const on = (year: number, month: number, day: number): number =>
  dayNumber(`${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`);

// Saturday moves to Friday, Sunday to Monday.
function observed(day: number): number {
  const weekday = weekdayOf(day);
  return weekday === SATURDAY ? day - 1 : weekday === SUNDAY ? day + 1 : day;
}

function nthWeekday(year: number, month: number, n: number, weekday: number): number {
  const first = on(year, month, 1);
  return first + ((weekday - weekdayOf(first) + 7) % 7) + (n - 1) * 7;
}

function lastMondayOfMay(year: number): number {
  const last = on(year, 5, 31);
  return last - (weekdayOf(last) - MONDAY);
}

const thanksgiving = (year: number): number => nthWeekday(year, 11, 4, THURSDAY);

/** Easter Sunday of the Gregorian calendar: the anonymous algorithm (Nature, 1876; Meeus, Astronomical Algorithms, ch. 8). */
function easterSunday(year: number): number {
  const a = year % 19;
  const b = Math.floor(year / 100);
  const c = year % 100;
  const g = Math.floor((b - Math.floor((b + 8) / 25) + 1) / 3);
  const h = (19 * a + b - Math.floor(b / 4) - g + 15) % 30;
  const l = (32 + 2 * (b % 4) + 2 * Math.floor(c / 4) - h - (c % 4)) % 7;
  const m = Math.floor((a + 11 * h + 22 * l) / 451);
  const monthAndDay = h + l - 7 * m + 114;
  return on(year, Math.floor(monthAndDay / 31), (monthAndDay % 31) + 1);
}
