import { CLOSES_NEEDED } from '../decision/scoring.js';
import type { Policy } from '../policy/policy.js';
import type { PriceBasis } from '../types.js';

/**
 * Sessions that a decision looks at, the as-of date among them: the gate's look-back with the close before it, or the
 * score's closes.
 */
export const sessionsNeeded = ({ data_quality: { lookback_sessions: lookback } }: Pick<Policy, 'data_quality'>) =>
  Math.max(lookback + 1, CLOSES_NEEDED);

/** What a provider's prices are when none is stored yet to say it (docs/RULES.md 6.3). */
export const USUAL_BASIS: Record<Policy['market_data']['provider'], PriceBasis> = {
  csv: 'raw',
  tiingo: 'raw',
  alphavantage: 'raw',
  yahoo: 'split',
  sample: 'split',
};

/** The basis that most symbols share, for short: a history with another one says so. Null when there are none. */
export function commonBasis(bases: readonly (PriceBasis | null)[]): PriceBasis | null {
  const counts = new Map<PriceBasis, number>();
  for (const basis of bases) if (basis !== null) counts.set(basis, (counts.get(basis) ?? 0) + 1);
  return [...counts].toSorted(([, a], [, b]) => b - a)[0]?.[0] ?? null;
}
