import { createRequire } from 'node:module';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { readAll } from './csv.js';
import { CsvBarReader } from './csv/reader.js';
import { asOutcome, FetchError, type EodProvider } from './provider.js';

const require = createRequire(import.meta.url);

/**
 * Real daily series that ship inside public npm packages, so that the demo runs offline: AAPL 2013-05-13 to 2018-05-11
 * (split-adjusted, with Yahoo's adjusted close) and the S&P 500 index 2000-01-03 to 2020-04-17. Both came from Yahoo.
 */
const SERIES: Readonly<Record<string, () => string>> = {
  AAPL: () => require.resolve('@observablehq/sample-datasets/aapl.csv'),
  // The package exports its code only; the data lie beside the folder that the code is in.
  SP500: () => path.resolve(path.dirname(require.resolve('vega-datasets')), '../data/sp500-2000.csv'),
};

/** The sample provider: two symbols, no key, no network, no actions (the prices are already split-adjusted). */
export function createSampleProvider(now: () => Date): EodProvider {
  return {
    name: 'sample',
    fetchBars: ({ symbol, from, to }) =>
      asOutcome(async () => {
        const locate = SERIES[symbol];
        if (!locate)
          throw new FetchError('NOT_FOUND', `the sample has ${Object.keys(SERIES).join(' and ')}, not ${symbol}`);
        const file = locate();
        const body = await readFile(file);
        const reader = new CsvBarReader({
          symbol,
          file: path.basename(file),
          from,
          to,
          source: 'sample',
          currency: 'USD',
        });
        return {
          ok: true,
          symbol,
          bars: readAll(reader, body),
          actions: reader.actions,
          basis: 'split',
          currency: 'USD',
          payloads: [
            { kind: 'eod', extension: 'csv', request: `package file ${path.basename(file)} ${from}..${to}`, body },
          ],
          retrievedAt: now().toISOString(),
        };
      }),
  };
}
