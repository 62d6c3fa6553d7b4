import { D, Decimal, toText } from '../money.js';
import type { Policy } from '../policy/policy.js';
import type { DecimalString, Scored } from '../types.js';

/** What the portfolio should hold of a symbol: a fraction of its value. */
export interface Target {
  symbol: string;
  weight: DecimalString;
}

/**
 * The top `max_positions` of the ranking, each `min(max_weight, (1 − cash_buffer) / n)` with n the number chosen.
 * Weights are cut, not rounded, at 10 decimals: together they never reach into the cash buffer.
 * @param ranked best first, as `scoreUniverse` returns it; excluded symbols are passed over.
 */
export function chooseTargets(ranked: readonly Scored[], risk: Policy['risk']): Target[] {
  const chosen = ranked.filter((scored) => scored.score !== null).slice(0, risk.max_positions);
  const share = D(1).minus(D(risk.cash_buffer)).div(Math.max(chosen.length, 1));
  const weight = Decimal.min(D(risk.max_weight), share).toDecimalPlaces(10, Decimal.ROUND_DOWN);
  return chosen.map(({ symbol }) => ({ symbol, weight: toText(weight) }));
}
