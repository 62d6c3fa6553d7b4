import { D, type Decimal } from '../money.js';
import { sumOf, type Choice, type Fit } from './dividend-sets.js';
import type { DividendCandidate } from './dividends.js';
import { WITHHOLDINGS } from './usual-withholding.js';

/** One or several of one ex-date, which a broker pays together. */
export const isOfOneDate = ({ chosen }: Pick<Choice, 'chosen'>): boolean =>
  new Set(chosen.map(({ action }) => action.exDate)).size === 1;

/** What would fit by chance more often than this is no answer. */
const CHANCE_MAX = 0.005;

/**
 * Whether it would hardly fit by chance: as many sets of dividends as might have fitted instead, times the pennies that
 * each of them covers, against those that there are to hit. Of one dividend, or of several of one ex-date, those count
 * that come to half as much and up to twice; of any others every set, for some of many always fits.
 * @param reach pennies that there are to hit where the amount itself is not what is hit; left out where it is.
 */
export function isNoCoincidence(
  choice: Choice,
  candidates: readonly DividendCandidate[],
  amount: Decimal,
  reach?: number,
): boolean {
  const { chosen, fit } = choice;
  const single = isOfOneDate(choice) && reach === undefined;
  const sets = single ? near(candidates, amount, fit, chosen.length) : countUpTo(chosen.length, candidates.length);
  const covers = 1 + 2 * chosen.length * Number(fit.rounding.times(100).toFixed(0));
  const tried = fit.withholding === null ? 1 : WITHHOLDINGS.length;
  const pennies = Number(amount.times(100).toFixed(0));
  return (sets * covers * tried) / (reach ?? (single ? pennies * 1.5 : pennies)) <= CHANCE_MAX;
}

/** Sets of one ex-date, of at most so many dividends, that come to half of the amount and up to twice. */
function near(candidates: readonly DividendCandidate[], amount: Decimal, fit: Fit, most: number): number {
  const dates = [...new Set(candidates.map(({ action }) => action.exDate))];
  const byDate = dates.map((date) => candidates.filter(({ action }) => action.exDate === date));
  const sums = byDate.flatMap((ofDate) =>
    ofDate.length <= TOGETHER_MAX
      ? setsUpTo(ofDate, most).map((set) => sumOf(set, fit))
      : ofDate.map((each) => sumOf([each], fit)),
  );
  return sums.filter((sum) => sum.gte(amount.times(D('0.5'))) && sum.lte(amount.times(2))).length;
}

/** Of more dividends of one ex-date the sets are not told apart. */
const TOGETHER_MAX = 6;

const setsUpTo = <T>(items: readonly T[], most: number): T[][] =>
  items
    .reduce<T[][]>((sets, item) => [...sets, ...sets.map((set) => [...set, item])], [[]])
    .filter((set) => set.length > 0 && set.length <= most);

/** How many sets of 1 to `most` there are of `count` things. */
function countUpTo(most: number, count: number): number {
  let [sum, ofSize] = [0, 1];
  for (let size = 1; size <= Math.min(most, count); size++) {
    ofSize = (ofSize * (count - size + 1)) / size;
    sum += ofSize;
  }
  return sum;
}
