import { z } from 'zod';
import { usageError } from '../errors.js';
import { symbolShape } from '../shapes.js';
import { US_WITHHOLDING } from '../ledger/withholding.js';
import { D, toText } from '../money.js';
import type { DecimalString, UniverseRow } from '../types.js';

/** What an account is held against when its performance is told. */
export const performancePolicySchema = z.strictObject({
  /** A symbol of the universe; its first enabled benchmark when left out. */
  benchmark: symbolShape().optional(),
  /** Tax on the benchmark's dividends, a fraction: 0 is gross. That of US shares when left out. */
  benchmark_withholding: z.number().min(0).max(0.5).optional(),
});

/** Of a policy, as far as it says what an account is held against. */
interface Held {
  performance?: z.infer<typeof performancePolicySchema> | undefined;
}

/**
 * The symbol that an account is held against: the policy's, or the universe's first enabled benchmark; null without
 * one.
 */
export const benchmarkMeant = (policy: Held, universe: readonly UniverseRow[]): string | null =>
  policy.performance?.benchmark ??
  universe.find(({ kind, enabled }) => kind === 'benchmark' && enabled)?.internalSymbol ??
  null;

/** @throws OpsError BENCHMARK_UNKNOWN where a symbol that an account is to be held against is none of the universe */
export function refuseUnknownBenchmark(symbol: string | null, universe: readonly UniverseRow[]): void {
  if (symbol === null || universe.some(({ internalSymbol }) => internalSymbol === symbol)) return;
  throw usageError('BENCHMARK_UNKNOWN', `benchmark: ${symbol}: is no symbol of the universe`, {
    remedy: 'name one of universe.csv: --benchmark, or performance.benchmark of the policy',
  });
}

/** What of a benchmark's dividends is kept back, a fraction; that of US shares where the policy does not say. */
export function benchmarkWithholding(policy: Held): DecimalString {
  const said = policy.performance?.benchmark_withholding;
  return said === undefined ? US_WITHHOLDING : toText(D(said));
}
