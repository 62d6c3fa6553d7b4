import { D, toText } from '../domain/money.js';
import type { DecimalString } from '../domain/types.js';
import { isIsoDate } from '../domain/dates.js';
import { FetchError } from './provider.js';

const PLAIN = /^-?\d{1,15}(?:\.\d{1,20})?$/;
const WITH_EXPONENT = /^[+-]?\d{1,15}(?:\.\d{0,20})?(?:[eE][+-]?\d{1,2})?$/;

/**
 * A provider's figure as a decimal string, or a BAD_NUMBER failure that names where it stood. `N/D`, `null`, empty text,
 * NaN and Infinity are no numbers, and JSON numbers are taken by their shortest text.
 * @param where field and position, for the message.
 */
export function decimalOf(value: unknown, where: string): DecimalString {
  if (typeof value === 'string' && PLAIN.test(value)) return value;
  if (typeof value === 'string' && WITH_EXPONENT.test(value.trim())) return toText(D(value.trim()));
  if (typeof value === 'number' && Number.isFinite(value) && Math.abs(value) < 1e15) return plainText(value);
  throw new FetchError('BAD_NUMBER', `${where}: ${shown(value)} is not a number`);
}

/**
 * The price that a 32-bit float stood for: the decimal with the fewest digits that gives the same float.
 * Yahoo's figures pass through one, so 129.04 arrives as 129.0399932861328 (PROVIDERS.md) and would differ from itself
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

const RATIO_TERM_MAX = 20;
const RATIO_TOLERANCE = 2e-6;

/**
 * New shares per old share with the repeating decimals of whole ratios cleaned: 7.00000700001 is 7, 1.49999925 is 3/2,
 * 0.333333 is 1/3 (to 12 decimals). Coefficients that are no such ratio (a spin-off's 1.122) stay as published.
 */
export function cleanSplitRatio(published: DecimalString): DecimalString {
  const value = Number(published);
  const near = (ratio: number) => Math.abs(value / ratio - 1) <= RATIO_TOLERANCE;
  if (value >= 1 && near(Math.round(value))) return String(Math.round(value));
  if (value < 1 && value > 0 && near(1 / Math.round(1 / value))) return ratioText(1, Math.round(1 / value));
  for (let below = 2; below <= RATIO_TERM_MAX; below++) {
    const above = Math.round(value * below);
    if (above >= 1 && above <= RATIO_TERM_MAX && near(above / below)) return ratioText(above, below);
  }
  return published;
}

const ratioText = (above: number, below: number) => toText(D(above).div(below).toDecimalPlaces(12));

/** A calendar date, or a BAD_DATE failure. */
export function dateOfField(value: unknown, where: string): string {
  if (typeof value === 'string' && isIsoDate(value)) return value;
  throw new FetchError('BAD_DATE', `${where}: ${shown(value)} is not a date YYYY-MM-DD`);
}

const shown = (value: unknown) => (JSON.stringify(value) ?? 'nothing').slice(0, 60);
