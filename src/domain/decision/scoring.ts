import { D, Decimal } from '../money.js';
import { byText } from '../order.js';
import type { MarketFacts } from './facts.js';
import type { Policy } from '../policy/policy.js';
import { adjustedCloses, effectiveActions } from '../market/index.js';
import type { CorporateAction, DecimalString, PriceBasis, Scored, SymbolHistory, UniverseRow } from '../types.js';
import { groupBy } from '../group.js';

/** Closes a momentum score needs: 63 daily returns, about a quarter of trading. */
export const CLOSES_NEEDED = 64;
const SCORE_DECIMALS = 10;

/**
 * Ranks the enabled stocks of the universe, best first, ties by symbol, the excluded ones last with their reason.
 * Benchmarks are never ranked. Scores have 10 decimals; order follows the rounded score, so that the last bit of a
 * float never decides.
 * @param leftOut symbols that the data-quality gate excludes, with the reason: they are never ranked.
 */
export function scoreUniverse(
  universe: readonly UniverseRow[],
  market: MarketFacts,
  scorer: Policy['trading']['scorer'],
  leftOut: ReadonlyMap<string, string> = new Map(),
): Scored[] {
  const histories = new Map(market.histories.map((history) => [history.symbol, history]));
  const actions = groupBy(effectiveActions(market.actions, market.rulings), ({ symbol }) => symbol);
  return universe
    .filter((row) => row.enabled && row.kind !== 'benchmark')
    .map((row): Scored => {
      const symbol = row.internalSymbol;
      const history = histories.get(symbol);
      const excluded = notTradable(row) ?? leftOut.get(symbol) ?? notPriced(history, market.asOfDate);
      if (excluded !== null || history === undefined) return { symbol, score: null, excluded };
      if (scorer === 'stub') return { symbol, score: D(1).toFixed(SCORE_DECIMALS), excluded: null };
      return scoreHistory(history, actions.get(symbol) ?? [], history.basis ?? market.basis);
    })
    .map((scored) => ({ scored, value: scored.score === null ? null : Number(scored.score) }))
    .toSorted(bestFirst)
    .map(({ scored }) => scored);
}

function scoreHistory({ symbol, bars }: SymbolHistory, actions: readonly CorporateAction[], basis: PriceBasis): Scored {
  if (bars.length < CLOSES_NEEDED)
    return { symbol, score: null, excluded: `${bars.length} closes, ${CLOSES_NEEDED} needed` };
  // Actions before the first of these closes change all of them alike, and returns not at all.
  const score = momentum(adjustedCloses(bars.slice(-CLOSES_NEEDED), actions, basis));
  return { symbol, score, excluded: score === null ? 'a close is missing or not above zero' : null };
}

function notTradable(row: UniverseRow): string | null {
  if (row.kind !== 'stock') return `${row.kind}: only underlying stocks are traded`;
  if (!row.tradable) return 'not tradable at the broker';
  return row.verifiedOn === null ? 'not verified at the broker' : null;
}

const notPriced = (history: SymbolHistory | undefined, asOfDate: string): string | null =>
  history?.bars.at(-1)?.session === asOfDate ? null : `no close of ${asOfDate}`;

/**
 * Momentum (docs/RULES.md 3.1): `0.20·r5 + 0.50·r21 + 0.30·r63 − 0.30·vol21`, where `rN` is the simple return of
 * the last N sessions and `vol21` the population standard deviation of the last 21 daily log returns, not annualised.
 * @param closes adjusted closes, oldest first; the last 64 count.
 * @returns 10 decimals, half to even; null with fewer than 64 closes or one that is not a number above zero.
 */
export function momentum(closes: readonly number[]): DecimalString | null {
  const used = closes.slice(-CLOSES_NEEDED);
  if (used.length < CLOSES_NEEDED || !used.every((close) => Number.isFinite(close) && close > 0)) return null;
  const change = (sessions: number) => at(used, 63) / at(used, 63 - sessions) - 1;
  const score = 0.2 * change(5) + 0.5 * change(21) + 0.3 * change(63) - 0.3 * volatility(used.slice(-22));
  return Number.isFinite(score) ? fixed(score) : null;
}

function volatility(closes: readonly number[]): number {
  const returns = closes.slice(1).map((close, index) => Math.log(close / at(closes, index)));
  const mean = returns.reduce((sum, value) => sum + value, 0) / returns.length;
  return Math.sqrt(returns.reduce((sum, value) => sum + (value - mean) ** 2, 0) / returns.length);
}

const at = (values: readonly number[], index: number): number => values[index] ?? Number.NaN;

/** So near to the middle between two texts the float's own rounding might choose another than its decimals. */
const NEAR_MIDDLE = 1e-3;
/** Up to so many units of the last decimal a float tells them apart by far less than that. */
const UNITS_MAX = 1e12;

function fixed(score: number): DecimalString {
  const units = Math.abs(score) * 10 ** SCORE_DECIMALS;
  // The usual case in a tenth of the time: no tie can be meant, and what is left is not zero.
  if (units > 1 && units < UNITS_MAX && Math.abs((units % 1) - 0.5) > NEAR_MIDDLE) return score.toFixed(SCORE_DECIMALS);
  const rounded = D(score).toDecimalPlaces(SCORE_DECIMALS, Decimal.ROUND_HALF_EVEN);
  return rounded.isZero() ? D(0).toFixed(SCORE_DECIMALS) : rounded.toFixed(SCORE_DECIMALS);
}

interface Ranked {
  scored: Scored;
  value: number | null;
}

function bestFirst(a: Ranked, b: Ranked): number {
  if (a.value === null || b.value === null) {
    return a.value === b.value ? byText(a.scored.symbol, b.scored.symbol) : a.value === null ? 1 : -1;
  }
  return b.value - a.value || byText(a.scored.symbol, b.scored.symbol);
}
