import { dayNumber } from '../dates.js';
import { D, type Decimal } from '../money.js';
import type { DecimalString, IsoDate } from '../types.js';
import { DAYS_OF_YEAR } from './annual.js';

/**
 * Money between the household and its account: below 0 paid in, above 0 paid back. The value at the end counts as paid
 * back.
 */
export interface DatedFlow {
  date: IsoDate;
  amount: DecimalString | number;
}

/** Rates at which flows are worth nothing together: how many there are, and each of them, lowest first. */
export interface MoneyWeighted {
  roots: 'none' | 'one' | 'several';
  rates: number[];
}

/**
 * The rates that are looked at: above −100 % up to 5,000 %, in `ln(1 + r)`; below e^−36 a rate is −100 % in any float.
 */
const LOWEST = -36;
const HIGHEST = Math.log(51);
/** So many equal steps of `ln(1 + r)`, one hundredth each, are looked at for a change of sign. */
const STEPS = 4_000;
/** Where the sum of flows comes so near to nothing, as a part of what is added, it touches nothing. */
const TOUCHES_WITHIN = 1e-13;

/** A flow as it is reckoned with: years since the first one. */
interface Term {
  years: number;
  amount: number;
}

/**
 * The internal rate of return of dated flows (XIRR): every r with `Σ CFᵢ · (1 + r)^(−tᵢ) = 0`, t in years of
 * `daysOfYear` days since the earliest flow. Changes of sign are looked for over (−100 %, 5,000 %] in `ln(1 + r)` and
 * each is bisected, so that none, one and several rates are told apart; Newton's method finds any of them, or none.
 * Flows of one date count as one. What was paid in and brought nothing back by the last date, where an end of 0 is
 * said, is −100 %.
 * @param daysOfYear 365 as the spreadsheets have it; the days of the whole time for its own rate (`xirrOfPeriod`)
 */
export function xirr(flows: readonly DatedFlow[], daysOfYear: number = DAYS_OF_YEAR): MoneyWeighted {
  const terms = termsOf(flows, daysOfYear);
  if (isTotalLoss(terms)) return answerOf([-1]);
  const changes = signChanges(terms);
  if (changes === 0) return answerOf([]);
  if (changes === 1) return answerOf(onlyRoot(terms));
  return answerOf(rootsOf(terms).map((u) => Math.expm1(u)));
}

/** The same rate over the whole time of the flows, which annualises nothing: what a short time is told by. */
export function xirrOfPeriod(flows: readonly DatedFlow[]): MoneyWeighted {
  const days = flows.map(({ date }) => dayNumber(date));
  return xirr(flows, Math.max(1, Math.max(...days) - Math.min(...days)));
}

const answerOf = (rates: number[]): MoneyWeighted => ({
  roots: rates.length === 0 ? 'none' : rates.length === 1 ? 'one' : 'several',
  rates,
});

/** Flows by date, added up exactly; the last stays also where it is 0, for it says what is left. */
function termsOf(flows: readonly DatedFlow[], daysOfYear: number): Term[] {
  const byDay = new Map<number, Decimal>();
  for (const { date, amount } of flows) {
    const day = dayNumber(date);
    byDay.set(day, (byDay.get(day) ?? D(0)).plus(D(amount)));
  }
  const days = [...byDay].toSorted(([a], [b]) => a - b);
  const first = days[0]?.[0] ?? 0;
  return days.map(([day, amount]) => ({ years: (day - first) / daysOfYear, amount: amount.toNumber() }));
}

const isTotalLoss = (terms: readonly Term[]): boolean =>
  terms.length > 1 && terms.at(-1)!.amount === 0 && terms[0]!.amount < 0 && terms.every(({ amount }) => amount <= 0);

/** How often the flows change their sign: at least as many as there are rates (Descartes). */
function signChanges(terms: readonly Term[]): number {
  const signs = terms.map(({ amount }) => Math.sign(amount)).filter((sign) => sign !== 0);
  return signs.filter((sign, index) => index > 0 && sign !== signs[index - 1]).length;
}

/** The worth of the flows at a rate, u = ln(1 + r), with what is added up in all; scaled so that no power overflows. */
function worthAt(terms: readonly Term[], u: number): { sum: number; size: number } {
  const scale = u < 0 ? lastOf(terms).years : 0;
  let [sum, size] = [0, 0];
  for (const { years, amount } of terms) {
    const worth = amount * Math.exp(u * (scale - years));
    sum += worth;
    size += Math.abs(worth);
  }
  return { sum, size };
}

/** The last flow that is one: where the rate nears −100 %, it alone decides. */
const lastOf = (terms: readonly Term[]): Term => terms.findLast(({ amount }) => amount !== 0) as Term;

/** The one rate of flows whose sign changes once; none where it lies above what is looked at. */
function onlyRoot(terms: readonly Term[]): number[] {
  const at = (u: number) => worthAt(terms, u).sum;
  if (at(LOWEST) * lastOf(terms).amount < 0) return [-1];
  return at(LOWEST) * at(HIGHEST) <= 0 ? [Math.expm1(bisect(at, LOWEST, HIGHEST))] : [];
}

function rootsOf(terms: readonly Term[]): number[] {
  const at = (u: number) => worthAt(terms, u).sum;
  const grid = Array.from({ length: STEPS + 1 }, (_, step) => LOWEST + ((HIGHEST - LOWEST) * step) / STEPS);
  const worths = grid.map(at);
  // A rate below the lowest one is told from −100 % by no float; that there is one is told by the signs.
  const roots = worths[0]! * lastOf(terms).amount < 0 ? [-Infinity] : [];
  for (const [step, u] of grid.entries()) {
    const [before, now, after] = [worths[step - 1], worths[step]!, worths[step + 1]];
    if (now === 0) roots.push(u);
    else if (before !== undefined && before * now < 0) roots.push(bisect(at, grid[step - 1]!, u));
    else if (before !== undefined && after !== undefined && isDip(before, now, after))
      roots.push(...rootsInDip(terms, grid[step - 1]!, grid[step + 1]!));
  }
  return roots.toSorted((a, b) => a - b);
}

/**
 * Between three points of one sign the middle one may be a valley that reaches nothing, and two rates lie side by
 * side.
 */
const isDip = (before: number, now: number, after: number): boolean =>
  before * now > 0 && now * after > 0 && Math.abs(now) <= Math.abs(before) && Math.abs(now) <= Math.abs(after);

/** The rates in a valley: two beside its bottom where that is beyond nothing, one where it touches, none above it. */
function rootsInDip(terms: readonly Term[], from: number, to: number): number[] {
  const at = (u: number) => worthAt(terms, u).sum;
  const sign = Math.sign(at(from));
  const bottom = lowest((u) => sign * at(u), from, to);
  const { sum, size } = worthAt(terms, bottom);
  if (Math.abs(sum) <= size * TOUCHES_WITHIN) return [bottom];
  return sign * sum < 0 ? [bisect(at, from, bottom), bisect(at, bottom, to)] : [];
}

/** Halves a stretch with a change of sign until floats can tell its ends apart no more. */
function bisect(at: (u: number) => number, from: number, to: number): number {
  let [low, high] = [from, to];
  const below = Math.sign(at(low));
  for (;;) {
    const middle = low + (high - low) / 2;
    if (middle <= low || middle >= high) return middle;
    const sign = Math.sign(at(middle));
    if (sign === 0) return middle;
    if (sign === below) low = middle;
    else high = middle;
  }
}

/** Where a function of one valley is lowest: thirds of the stretch are left out until it is a point. */
function lowest(of: (u: number) => number, from: number, to: number): number {
  let [low, high] = [from, to];
  for (let round = 0; round < 120; round++) {
    const third = (high - low) / 3;
    if (of(low + third) <= of(high - third)) high -= third;
    else low += third;
  }
  return (low + high) / 2;
}
