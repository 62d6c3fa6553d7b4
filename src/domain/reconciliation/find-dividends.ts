import { D, type Decimal } from '../money.js';
import { isNoCoincidence, isOfOneDate } from './coincidence.js';
import {
  AT_A_STORED_RATE,
  boundsOf,
  BUT_FOR_ROUNDING,
  BY_THE_RATES,
  byLikelihood,
  choicesOf,
  nameOf,
  TO_THE_PENNY,
  type Choice,
  type Fit,
} from './dividend-sets.js';
import type { DividendCandidate } from './dividends.js';
import { WITHHOLDINGS } from './usual-withholding.js';

/** Dividends that would explain an amount. */
export interface Finding {
  /** Likeliest first. */
  choices: Choice[];
  /** Whether one of them is to the penny, as booking it would have it. */
  exact: boolean;
  /** Whether there is one, and nothing else is plausible. */
  certain: boolean;
}

/** So many dividends are paid between two snapshots; of more, some always fit. */
const TOGETHER_MAX = 4;
/**
 * Steps of the search for what fits to the penny, for what the rates allow, and for each other withholding: some tens of
 * milliseconds in all, however many dividends are open.
 */
const STEPS = { exact: 40_000, loose: 20_000, otherwise: 5_000 };
/** Rivals of what fits to the penny have so many dividends more. */
const EXACT_MORE = 2;
/** Rivals within what the rates allow. */
const LOOSE_MORE = 1;

/** How unlikely a way is beside one that fits to the penny, in dividends more. */
const SURPRISE = { TO_THE_PENNY: 0, BUT_FOR_ROUNDING: 0.3, STORED: 0.7, MOVED: 1, WITHHELD: 1.5 } as const;

/**
 * Finds the dividends that would explain an amount: to the penny first, after the usual withholding, at the rate that
 * booking them takes; then, the fewest first, at a rate stored since they were paid or one that a day's move reaches from
 * those, and where something else was withheld.
 * @param atExDate whether the broker may pay at the rate of the ex-date, as far as the books tell.
 */
export function findDividends(
  amount: Decimal,
  candidates: readonly DividendCandidate[],
  { tolerance, atExDate }: { tolerance: Decimal; atExDate: () => boolean },
): Finding {
  const passes = amount.lte(tolerance);
  const exact = choicesOf(amount, candidates, TO_THE_PENNY, {
    budget: { steps: STEPS.exact },
    most: candidates.length,
    more: EXACT_MORE,
  });
  const parts = Math.min(...exact.choices.map(({ chosen }) => chosen.length));
  const most = Number.isFinite(parts) ? parts + LOOSE_MORE : passes ? 1 : TOGETHER_MAX;
  const loose = choicesOf(amount, candidates, BY_THE_RATES, {
    budget: { steps: STEPS.loose },
    most,
    more: LOOSE_MORE,
  });
  // What fits to the penny is not doubted for what needs another withholding and another rate.
  const others = exact.choices.length > 0 ? [BUT_FOR_ROUNDING] : [BUT_FOR_ROUNDING, BY_THE_RATES];
  const otherwise = WITHHOLDINGS.filter((each) => candidates.some(({ withholding }) => withholding !== each)).flatMap(
    (withholding) =>
      others.map((fit) =>
        choicesOf(
          amount,
          candidates,
          { ...fit, withholding },
          {
            budget: { steps: STEPS.otherwise },
            most: Math.min(parts, passes ? 1 : 2),
            more: 0,
          },
        ),
      ),
  );
  const near = [
    ...loose.choices.map((choice) => tightened(choice, amount)),
    ...otherwise.flatMap((each) => each.choices),
  ]
    .filter(({ fit }) => !passes || fit.rates !== 'MOVED')
    .toSorted(bySurprise);
  const choices = unique([...exact.choices.toSorted(byLikelihood), ...near]);
  const complete = [exact, loose, ...otherwise].every((each) => each.complete);
  const [first] = choices;
  const certain =
    complete &&
    first !== undefined &&
    isAnswer(first, choices) &&
    isNoCoincidence(first, candidates, amount) &&
    atExDate();
  return { choices: certain ? choices.slice(0, 1) : choices, exact: exact.choices.length > 0, certain };
}

/**
 * What fits at the rate of the ex-date is the answer where nothing rivals it: nothing else at that rate, and within what
 * the rates allow no single dividend or several of one ex-date where it is that itself, else nothing at all. What fits but
 * for the rate may be interest as well, and an old dividend has been paid long ago.
 */
function isAnswer(first: Choice, choices: readonly Choice[]): boolean {
  const isRival = (choice: Choice) => choice.fit.rates === 'EX_DATE' || !isOfOneDate(first) || isOfOneDate(choice);
  return first.fit.rates === 'EX_DATE' && !first.chosen.some(({ old }) => old) && !choices.slice(1).some(isRival);
}

/** The same choice with the narrowest way in which it fits. */
function tightened(choice: Choice, amount: Decimal): Choice {
  const fit = [BUT_FOR_ROUNDING, AT_A_STORED_RATE].find((each) => fits(choice, each, amount));
  return fit ? { ...choice, fit } : choice;
}

function fits({ chosen }: Choice, fit: Fit, amount: Decimal): boolean {
  const bounds = chosen.map((candidate) => boundsOf(candidate, fit));
  const [low, high] = bounds.reduce(([l, h], [least, most]) => [l.plus(least), h.plus(most)], [D(0), D(0)]);
  return amount.gte(low) && amount.lte(high);
}

function surpriseOf({ fit, cost }: Choice): number {
  const rates = fit.rates === 'EX_DATE' ? (fit.rounding.isZero() ? 'TO_THE_PENNY' : 'BUT_FOR_ROUNDING') : fit.rates;
  return cost + SURPRISE[rates] + (fit.withholding === null ? 0 : SURPRISE.WITHHELD);
}

const bySurprise = (a: Choice, b: Choice): number => surpriseOf(a) - surpriseOf(b) || byLikelihood(a, b);

/** The first of each name. */
function unique(choices: readonly Choice[]): Choice[] {
  const names = choices.map(nameOf);
  return choices.filter((_, index) => names.indexOf(names[index] ?? '') === index);
}
