import type { Policy } from '../../domain/policy/policy.js';
import type { UniverseRow } from '../../domain/types.js';

/** Currency pairs needed to turn the listing currencies of the universe into the accounts' base currencies. */
export function pairsOf(policy: Policy, universe: UniverseRow[], accounts: string[]): string[] {
  const pairs = accounts.flatMap((account) => {
    const base = policy.accounts[account]?.base_currency;
    return universe
      .filter((row) => row.kind === 'stock' && row.listingCurrency !== base)
      .map((row) => `${base}${row.listingCurrency}`);
  });
  return [...new Set(pairs)].toSorted();
}

/** Enabled stocks, benchmarks and whatever is held, each once, sorted. */
export function symbolsOf(universe: UniverseRow[], held: string[]): string[] {
  const wanted = universe.filter((row) => row.kind === 'benchmark' || (row.kind === 'stock' && row.enabled));
  return [...new Set([...wanted.map((row) => row.internalSymbol), ...held])].toSorted();
}

/** The symbols in lists of at most `size`. */
export function batchesOf(symbols: string[], size: number): string[][] {
  return Array.from({ length: Math.ceil(symbols.length / size) }, (_, i) => symbols.slice(i * size, (i + 1) * size));
}
