import { D, type Decimal } from '../money.js';
import type { DecimalString, IsoDate } from '../types.js';
import { arrivedOf, type DividendCandidate } from './dividends.js';
import { setsOf, type Budget, type Part } from './subsets.js';

/** How dividends may have come to what arrived. */
export interface Fit {
  /** Fraction that was withheld of each; null: what is usual of it. */
  withholding: DecimalString | null;
  /** At the rate of the ex-date, at one stored since, or at one that a day's move reaches from those. */
  rates: 'EX_DATE' | 'STORED' | 'MOVED';
  /** Gross and tax are each rounded once, and a broker may round otherwise: so much of each dividend. */
  rounding: Decimal;
  /** What may be left over in all. */
  over: Decimal;
}

const PENNY = D('0.01');
const NOTHING = D(0);
export const TO_THE_PENNY: Fit = { withholding: null, rates: 'EX_DATE', rounding: NOTHING, over: NOTHING };
export const BUT_FOR_ROUNDING: Fit = { ...TO_THE_PENNY, rounding: PENNY };
export const AT_A_STORED_RATE: Fit = { ...BUT_FOR_ROUNDING, rates: 'STORED' };
export const BY_THE_RATES: Fit = { ...BUT_FOR_ROUNDING, rates: 'MOVED' };

/** Dividends that together may be what arrived. */
export interface Choice {
  chosen: DividendCandidate[];
  fit: Fit;
  /** How many there are, an old one counting for three. */
  cost: number;
  /** What they leave of the amount at the rates of their ex-dates. */
  left: Decimal;
}

/** What an old dividend counts for. */
const OLD = 3;

/** The least and the most that a dividend brings where it fits so. */
export function boundsOf(candidate: DividendCandidate, { withholding, rates, rounding }: Fit): [Decimal, Decimal] {
  const { least, most } = rates === 'EX_DATE' ? exactly(candidate) : candidate.bounds(rates === 'MOVED');
  return [arrivedOf(least, withholding).minus(rounding), arrivedOf(most, withholding).plus(rounding)];
}

const exactly = ({ gross, net }: DividendCandidate) => ({ least: { gross, net }, most: { gross, net } });

/** What the dividends bring at the rates of their ex-dates. */
export const sumOf = (chosen: readonly DividendCandidate[], { withholding }: Pick<Fit, 'withholding'>): Decimal =>
  chosen.reduce((total, candidate) => total.plus(arrivedOf(candidate, withholding)), D(0));

interface DividendPart extends Part {
  candidate: DividendCandidate;
}

/** What a search for sets of dividends found. */
export interface Choices {
  /** Likeliest first. */
  choices: Choice[];
  /** Whether it looked everywhere. */
  complete: boolean;
}

/**
 * Every set of dividends that fits an amount so: those of the fewest, and of up to `more` besides.
 * @param most dividends that a set may have.
 */
export function choicesOf(
  amount: Decimal,
  candidates: readonly DividendCandidate[],
  fit: Fit,
  { budget, most, more }: { budget: Budget; most: number; more: number },
): Choices {
  const found: Choice[] = [];
  let complete = true;
  if (amount.gt(0)) {
    const parts = partsOf(candidates, fit);
    const target = { low: inPennies(amount.minus(fit.over)), high: inPennies(amount.plus(fit.over)) };
    for (let size = 1; size <= Math.min(most, fewest(found) + more, parts.length); size++) {
      const here = setsOf(parts, size, target, budget);
      complete &&= here.complete;
      found.push(...here.sets.map((set) => choiceOf(set, fit, amount)));
    }
  }
  return { choices: found.toSorted(byLikelihood), complete };
}

const partsOf = (candidates: readonly DividendCandidate[], fit: Fit): DividendPart[] =>
  candidates
    .map((candidate) => {
      const [low, high] = boundsOf(candidate, fit);
      return { candidate, low: inPennies(low.lt(PENNY) ? PENNY : low), high: inPennies(high) };
    })
    .filter(({ high }) => high > 0n)
    .toSorted((a, b) => (a.high < b.high ? 1 : a.high > b.high ? -1 : 0));

const fewest = (choices: readonly Choice[]): number => Math.min(...choices.map(({ chosen }) => chosen.length));

function choiceOf(set: readonly DividendPart[], fit: Fit, amount: Decimal): Choice {
  const chosen = set.map(({ candidate }) => candidate).toSorted(newestFirst);
  const cost = chosen.reduce((total, { old }) => total + (old ? OLD : 1), 0);
  return { chosen, fit, cost, left: amount.minus(sumOf(chosen, fit)) };
}

const inPennies = (amount: Decimal): bigint => BigInt(amount.times(100).toFixed(0));

/** The same dividends have the same name, however they fit. */
export const nameOf = ({ chosen }: Choice): string =>
  chosen.map(({ action }) => `${action.symbol} ${action.exDate} ${action.dividendType ?? ''}`).join();

const newestFirst = ({ action: a }: DividendCandidate, { action: b }: DividendCandidate): number =>
  b.exDate.localeCompare(a.exDate) ||
  a.symbol.localeCompare(b.symbol) ||
  (a.dividendType ?? '').localeCompare(b.dividendType ?? '');

const newestOf = ({ chosen }: Choice): IsoDate =>
  chosen
    .map(({ action }) => action.exDate)
    .toSorted()
    .at(-1) ?? '';
const oldestOf = ({ chosen }: Choice): IsoDate => chosen.map(({ action }) => action.exDate).toSorted()[0] ?? '';

/** The cheapest, then what leaves least, then what went ex last. */
export const byLikelihood = (a: Choice, b: Choice): number =>
  a.cost - b.cost ||
  a.left.abs().comparedTo(b.left.abs()) ||
  oldestOf(b).localeCompare(oldestOf(a)) ||
  newestOf(b).localeCompare(newestOf(a));
