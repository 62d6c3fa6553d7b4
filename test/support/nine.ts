import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Installation } from './stack.js';

/** Nine positions, as somebody's portfolio may be. */
export const NINE: Record<string, string> = {
  AAPL: '80',
  AMZN: '1.25',
  'BRK.B': '3',
  GOOG: '0.5',
  KO: '40',
  META: '7.123456',
  MSFT: '2.5',
  NVDA: '4.079856',
  PG: '12',
};

/** Adds the nine to the universe of an installation. */
export function useNine({ configDir }: Pick<Installation, 'configDir'>): void {
  const file = join(configDir, 'universe.csv');
  const rows = Object.keys(NINE)
    .filter((symbol) => symbol !== 'AAPL')
    .map((symbol) => `${symbol},${NAMES[symbol] ?? symbol},${symbol} Inc.,stock,USD,true,2018-05-01,demo`);
  writeFileSync(file, `${readFileSync(file, 'utf8').trimEnd()}\n${rows.join('\n')}\n`);
}

/** What eToro calls them, where that is not the symbol. */
const NAMES: Record<string, string> = { MSFT: 'Microsoft', KO: 'Coca-Cola', GOOG: 'Alphabet', PG: 'Procter & Gamble' };
