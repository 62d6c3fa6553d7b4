import { D, toText } from '../money.js';
import type { DecimalString } from '../types.js';

/*
 * Slips of typing. A figure that was read off a screen and typed goes wrong in few ways; what the ledger expects tells
 * which.
 */

/** What went wrong with a figure, in words. */
export type Slip =
  | 'two digits are swapped'
  | 'the decimal point is in another place'
  | 'a digit is missing'
  | 'a digit is there twice'
  | 'one digit differs';

/** Digits that a figure must have before one more or less says anything: 10 and 100 are two figures. */
const DIGITS_MIN = 4;

/**
 * The slip that makes `read` of `expected`: digits swapped, the point moved, a digit left out or typed twice. Null
 * when none does, or the figures are equal. A single wrong digit is weaker and is told by `oneDigitOff`.
 */
export function slipOf(read: DecimalString, expected: DecimalString): Slip | null {
  const [shown, meant] = [D(read), D(expected)];
  if (shown.eq(meant) || !shown.gt(0) || !meant.gt(0)) return null;
  const [a, b] = aligned(read, expected);
  if (areSwapped(a, b)) return 'two digits are swapped';
  if (significant(a) === significant(b) && significant(a).length > 1) return 'the decimal point is in another place';
  const [typed, wanted] = [toText(shown), toText(meant)];
  if (isLonger(wanted, typed)) return 'a digit is missing';
  return isDoubled(typed, wanted) ? 'a digit is there twice' : null;
}

/** Whether the two differ in one digit alone, as long as there are enough others that agree. */
export function oneDigitOff(read: DecimalString, expected: DecimalString): Slip | null {
  const [a, b] = aligned(read, expected);
  const off = [...a].filter((digit, at) => digit !== b[at]).length;
  return off === 1 && significant(b).length >= DIGITS_MIN ? 'one digit differs' : null;
}

/** The digits of both without their points, as many before and behind them. */
function aligned(one: DecimalString, other: DecimalString): [string, string] {
  const places = Math.max(D(one).decimalPlaces(), D(other).decimalPlaces());
  const [a, b] = [one, other].map((text) => D(text).toFixed(places).replace('.', '')) as [string, string];
  const length = Math.max(a.length, b.length);
  return [a.padStart(length, '0'), b.padStart(length, '0')];
}

/** Two neighbours stand the other way round, and all else agrees; a swap that makes a number longer is another slip. */
function areSwapped(a: string, b: string): boolean {
  const off = [...a].flatMap((digit, at) => (digit === b[at] ? [] : [at]));
  const [first = 0, second = 0] = off;
  const asLong = first > 0 || (a[0] !== '0' && b[0] !== '0');
  return asLong && off.length === 2 && second === first + 1 && a[first] === b[second] && a[second] === b[first];
}

const significant = (digits: string): string => digits.replace(/^0+/, '').replace(/0+$/, '');

/** Whether `long` is `short` and one digit more. */
const isLonger = (long: string, short: string): boolean =>
  long.length === short.length + 1 &&
  long.replace('.', '').length >= DIGITS_MIN &&
  [...long].some((digit, at) => digit !== '.' && long.slice(0, at) + long.slice(at + 1) === short);

/** Whether `long` is `short` with one of its digits typed twice. */
const isDoubled = (long: string, short: string): boolean =>
  long.length === short.length + 1 &&
  long.replace('.', '').length >= DIGITS_MIN &&
  [...long].some(
    (digit, at) => digit !== '.' && digit === long[at + 1] && long.slice(0, at) + long.slice(at + 1) === short,
  );

/**
 * The symbols that one may have been meant by another: at most one letter off, left out, added or two of them swapped.
 */
export const nearSymbols = (typed: string, known: readonly string[]): string[] =>
  known.filter((symbol) => symbol !== typed && isNear(typed, symbol));

function isNear(a: string, b: string): boolean {
  // Of one letter every other is one letter away: that says nothing.
  if (Math.max(a.length, b.length) < 2 || Math.abs(a.length - b.length) > 1) return false;
  if (a.replaceAll(/[.\-/]/g, '') === b.replaceAll(/[.\-/]/g, '')) return true;
  if (a.length !== b.length) {
    const [long, short] = a.length > b.length ? [a, b] : [b, a];
    return short.length > 1 && [...long].some((_, at) => long.slice(0, at) + long.slice(at + 1) === short);
  }
  const off = [...a].flatMap((letter, at) => (letter === b[at] ? [] : [at]));
  if (off.length === 1) return a.length > 2;
  const [first = 0, second = 0] = off;
  return off.length === 2 && second === first + 1 && a[first] === b[second] && a[second] === b[first];
}
