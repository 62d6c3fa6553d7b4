import { D, toText } from '../domain/money.js';
import type { DecimalString } from '../domain/types.js';
import { isIsoDate } from '../domain/dates.js';
import { FetchError } from './provider.js';
import { quotable } from './quoted.js';

const PLAIN = /^-?\d{1,15}(?:\.\d{1,20})?$/;
// A point with nothing behind it is where a figure broke off.
const WITH_EXPONENT = /^[+-]?\d{1,15}(?:\.\d{1,20})?(?:[eE][+-]?\d{1,2})?$/;

/** Whether a text is a figure as it stands: the usual case, told without building a message for it. */
export const isPlainDecimal = (text: unknown): text is DecimalString => typeof text === 'string' && PLAIN.test(text);

/**
 * A provider's figure as a decimal string, or a BAD_NUMBER failure that names where it stood. `N/D`, `null`, empty text,
 * NaN and Infinity are no numbers, and JSON numbers are taken by their shortest text.
 * @param where field and position, for the message.
 */
export function decimalOf(value: unknown, where: string): DecimalString {
  if (isPlainDecimal(value)) return value;
  if (typeof value === 'string' && WITH_EXPONENT.test(value.trim())) return toText(D(value.trim()));
  if (typeof value === 'number' && Number.isFinite(value) && Math.abs(value) < 1e15) return plainText(value);
  throw new FetchError('BAD_NUMBER', `${where}: ${quotable(value)} is not a number`);
}

/**
 * The price that a 32-bit float stood for: the decimal with the fewest digits that gives the same float.
 * Yahoo's figures pass through one, so 129.04 arrives as 129.0399932861328 (docs/RULES.md 6.3) and would differ from itself
 * between two deliveries.
 */
export function withoutFloatNoise(text: DecimalString): DecimalString {
  const value = Number(text);
  for (let digits = 6; digits <= 9; digits++) {
    const shorter = Number(value.toPrecision(digits));
    if (Math.fround(shorter) === Math.fround(value)) return plainText(shorter);
  }
  return text;
}

// JavaScript writes tiny numbers with an exponent; everything else already is the shortest plain text.
function plainText(value: number): DecimalString {
  const text = String(value);
  return text.includes('e') ? toText(D(value)) : text;
}

// Every file has the same few thousand dates; the bound is more than a century of days.
const knownDates = new Set<string>();
const KNOWN_DATES_MAX = 40_000;

/** A calendar date, or a BAD_DATE failure. */
export function dateOfField(value: unknown, where: string): string {
  if (!isDate(value)) throw new FetchError('BAD_DATE', `${where}: ${quotable(value)} is not a date YYYY-MM-DD`);
  return value;
}

/** Whether a field is a date that exists. */
export function isDate(value: unknown): value is string {
  if (typeof value !== 'string') return false;
  if (knownDates.has(value)) return true;
  if (!isIsoDate(value)) return false;
  if (knownDates.size < KNOWN_DATES_MAX) knownDates.add(value);
  return true;
}
