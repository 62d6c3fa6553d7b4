import type { IsoDate } from './types.js';

const DAY_MS = 86_400_000;

/** Days since 1970-01-01 of a calendar date. Throws RangeError on anything but a real `YYYY-MM-DD`. */
export function dayNumber(date: IsoDate): number {
  const day = isIsoDate(date) ? Date.parse(`${date}T00:00:00Z`) / DAY_MS : Number.NaN;
  if (Number.isNaN(day)) throw new RangeError(`not a date YYYY-MM-DD: ${date}`);
  return day;
}

/** The calendar date of a day number. */
export const dateOf = (day: number): IsoDate => new Date(day * DAY_MS).toISOString().slice(0, 10);

/** The calendar year of a day number. */
export const yearOfDay = (day: number): number => new Date(day * DAY_MS).getUTCFullYear();

/** ISO day of the week of a day number: 1 Monday to 7 Sunday. */
export const weekdayOf = (day: number): number => ((((day + 3) % 7) + 7) % 7) + 1;

/** Whether the text is a day that exists, written `YYYY-MM-DD`. */
export function isIsoDate(text: string): boolean {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  if (!match) return false;
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  // There is no year 0, and Postgres refuses it.
  return year >= 1 && month >= 1 && month <= 12 && day >= 1 && day <= daysInMonth(year, month);
}

/** The same day so many months earlier, or the last day of that month where it has no such day. */
export function monthsBefore(date: IsoDate, months: number): IsoDate {
  const total = Number(date.slice(0, 4)) * 12 + Number(date.slice(5, 7)) - 1 - months;
  const [year, month] = [Math.floor(total / 12), (total % 12) + 1];
  const day = Math.min(Number(date.slice(8)), daysInMonth(year, month));
  return [String(year).padStart(4, '0'), String(month).padStart(2, '0'), String(day).padStart(2, '0')].join('-');
}

/** The last day of a date's month, or of the one so many months after it. */
export function monthEnd(date: IsoDate, later = 0): IsoDate {
  const total = Number(date.slice(0, 4)) * 12 + Number(date.slice(5, 7)) - 1 + later;
  const [year, month] = [Math.floor(total / 12), (total % 12) + 1];
  return [String(year).padStart(4, '0'), String(month).padStart(2, '0'), String(daysInMonth(year, month))].join('-');
}

const INSTANT = /^(.{10})T([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,9})?)?(Z|[+-](0\d|1[0-4]):[0-5]\d)$/;

/** Whether the text is an instant that exists, in ISO 8601 with an offset, seconds or not: `2026-11-23T14:00:00Z`. */
export function isInstant(text: string): boolean {
  const date = INSTANT.exec(text)?.[1];
  return date !== undefined && isIsoDate(date) && !Number.isNaN(Date.parse(text));
}

function daysInMonth(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}
