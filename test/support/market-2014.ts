import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from '../../src/runtime/paths.js';

export const SYMBOLS_OF_2014 = ['AAPL', 'GOOGL', 'KO', 'MSFT', 'V', 'XOM'];
export const BENCHMARK_OF_2014 = 'SPY';
export const FOLDER_OF_2014 = join(repositoryRoot, 'test', 'fixtures', 'market-2014');

/** All of them, and the benchmark, as a universe. */
export const UNIVERSE_OF_2014 = [
  'internal_symbol,etoro_search_name,name,kind,listing_currency,tradable,verified_on,verified_by',
  ...SYMBOLS_OF_2014.map((symbol) => `${symbol},${symbol},${symbol},stock,USD,true,2014-01-02,ann`),
  `${BENCHMARK_OF_2014},${BENCHMARK_OF_2014},S&P 500 ETF,benchmark,USD,false,,`,
  '',
].join('\n');

/** What GOOGL's "dividend" of class C shares really was (docs/RULES.md 2.2). */
export const RULING_OF_2014 = {
  symbol: 'GOOGL',
  exDate: '2014-04-03',
  kind: 'DIVIDEND',
  ruling: 'split',
  value: '2',
  ruledOn: '2014-04-09',
  reason: 'class C shares one for one',
} as const;

/** An account on the simulated clock and the real prices of test/fixtures/market-2014. */
export function useMarketOf2014({ configDir, dataDir }: { configDir: string; dataDir: string }): void {
  writeFileSync(
    join(configDir, 'policy.yml'),
    [
      'version: 1',
      'accounts:\n  main: { base_currency: GBP, clock: simulated }',
      'operators: [ann]',
      'market_data: { provider: csv, fx_provider: csv, history_sessions: 70 }',
      'trading: { mode: live, cadence: daily }',
      'ticket: { slippage_bps: 1000 }',
      'backup: { at_close: false }',
      '',
    ].join('\n'),
  );
  writeFileSync(
    join(configDir, 'universe.csv'),
    [
      'internal_symbol,etoro_search_name,name,kind,listing_currency,tradable,verified_on,verified_by',
      ...SYMBOLS_OF_2014.map((symbol) => `${symbol},${symbol},${symbol},stock,USD,true,2014-01-02,ann`),
      `${BENCHMARK_OF_2014},${BENCHMARK_OF_2014},S&P 500 ETF,benchmark,USD,false,,`,
      '',
    ].join('\n'),
  );
  const folder = join(dataDir, 'data', 'drop');
  mkdirSync(folder, { recursive: true });
  cpSync(FOLDER_OF_2014, folder, { recursive: true });
}
