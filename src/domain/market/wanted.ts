import type { Policy } from '../policy/policy.js';
import type { DecimalString, UniverseRow } from '../types.js';

/** Enabled stocks, benchmarks and whatever is held, each once, sorted: what is fetched, judged and decided on. */
export function symbolsWanted(universe: readonly UniverseRow[], held: readonly string[]): string[] {
  const wanted = universe.filter((row) => row.kind === 'benchmark' || (row.kind === 'stock' && row.enabled));
  return [...new Set([...wanted.map((row) => row.internalSymbol), ...held])].toSorted();
}

/** Currency pairs needed to turn the listing currencies of the universe into the accounts' base currencies. */
export function pairsWanted(
  policy: Pick<Policy, 'accounts'>,
  universe: readonly UniverseRow[],
  accounts: readonly string[],
): string[] {
  const pairs = accounts.flatMap((account) => {
    const base = policy.accounts[account]?.base_currency;
    return universe
      .filter((row) => row.kind === 'stock' && row.listingCurrency !== base)
      .map((row) => `${base}${row.listingCurrency}`);
  });
  return [...new Set(pairs)].toSorted();
}

/** What an account decides on: the symbols, and the pair of its rate; null where every stock is in base currency. */
export function marketWanted(
  universe: readonly UniverseRow[],
  { baseCurrency, units }: { baseCurrency: string; units: Readonly<Record<string, DecimalString>> },
): { symbols: string[]; pair: string | null } {
  const foreign = universe.find((row) => row.kind === 'stock' && row.listingCurrency !== baseCurrency);
  return {
    symbols: symbolsWanted(universe, Object.keys(units)),
    pair: foreign ? `${baseCurrency}${foreign.listingCurrency}` : null,
  };
}
