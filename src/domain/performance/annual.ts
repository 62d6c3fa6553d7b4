import { dayNumber } from '../dates.js';
import type { IsoDate } from '../types.js';

/** A year of calendar days, as XIRR counts it. */
export const DAYS_OF_YEAR = 365;
/** Sessions of a year, as the usual measures of risk count them. */
export const SESSIONS_OF_YEAR = 252;

/** Calendar days from one date to another. */
export const daysBetween = (from: IsoDate, to: IsoDate): number => dayNumber(to) - dayNumber(from);

/**
 * A return as one a year: `(1 + total)^(perYear / periods) − 1`. With 252 and the number of daily returns it is
 * empyrical's annual return, with 365 and calendar days Portfolio Performance's.
 * @param total as a fraction, −1 or more. @throws RangeError where there is no period
 */
export function annualised(total: number, periods: number, perYear: number = DAYS_OF_YEAR): number {
  if (!(periods > 0)) throw new RangeError(`periods: ${periods}: must be above 0`);
  return (1 + total) ** (perYear / periods) - 1;
}

/** Whether a time is long enough to say what it comes to a year: half a year's luck is no yearly return. */
export const isYearOrMore = (from: IsoDate, to: IsoDate): boolean => daysBetween(from, to) >= DAYS_OF_YEAR;

/** A return a year over these dates; null where they are less than one apart, for then nothing is annualised. */
export const annualOrNull = (total: number, from: IsoDate, to: IsoDate): number | null =>
  isYearOrMore(from, to) ? annualised(total, daysBetween(from, to)) : null;
