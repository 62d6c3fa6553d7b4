import type { FxProviderName, ProviderName } from './provider.js';

/**
 * How each provider writes our symbols, in one table (docs/RULES.md 6.7). Class shares are the rule that
 * differs: canonical `BRK.B` is `BRK-B` at Yahoo and Tiingo, `brk-b` at Stooq, `BRK.B` at Alpha Vantage.
 */
const CLASS_SHARE_SEPARATOR: Record<ProviderName, string> = {
  csv: '-',
  tiingo: '-',
  yahoo: '-',
  alphavantage: '.',
  sample: '.',
};

/** Symbols that no rule gives: indices, which every provider names its own way. */
const EXCEPTIONS: Partial<Record<ProviderName, Readonly<Record<string, string>>>> = {
  yahoo: { SP500: '^GSPC', NDX: '^NDX' },
  csv: { SP500: '^SPX', NDX: '^NDX' },
};

/** The provider's own name of an internal symbol. */
export function providerSymbol(provider: ProviderName, symbol: string): string {
  return EXCEPTIONS[provider]?.[symbol] ?? symbol.replaceAll('.', CLASS_SHARE_SEPARATOR[provider]);
}

/** The provider's own name of a currency pair such as `GBPUSD`. */
export function providerPair(provider: FxProviderName, pair: string): string {
  if (provider === 'yahoo') return `${pair}=X`;
  return provider === 'tiingo' ? pair.toLowerCase() : pair;
}
