import path from 'node:path';
import { rateSources, soundRates } from '../domain/market/rates.js';
import { createCsvProvider } from './csv.js';
import { createCsvFxProvider } from './fx-csv.js';
import { createEcbProvider } from './fx-ecb.js';
import type { ProviderOptions } from './options.js';
import type { EodProvider, FxProvider, FxProviderName, ProviderName } from './provider.js';
import { createSampleProvider } from './sample.js';

/** The drop folder of an installation. */
export const dropFolder = ({ policy, dataDir }: Pick<ProviderOptions, 'policy' | 'dataDir'>) =>
  path.resolve(dataDir, policy.market_data.csv_folder);

/** The end-of-day source of this name. HTTP clients are loaded only when they are used. */
export async function createProvider(name: ProviderName, options: ProviderOptions): Promise<EodProvider> {
  switch (name) {
    case 'csv':
      return createCsvProvider(dropFolder(options), options.now);
    case 'sample':
      return createSampleProvider(options.now);
    case 'tiingo':
      return (await import('./tiingo.js')).createTiingoProvider(options);
    case 'alphavantage':
      return (await import('./alphavantage.js')).createAlphaVantageProvider(options);
    case 'yahoo':
      return (await import('./yahoo.js')).createYahooProvider(options);
  }
}

/** The source of exchange rates of this name; its answers hold sound rates alone, and say what was left out. */
export async function createFxProvider(name: FxProviderName, options: ProviderOptions): Promise<FxProvider> {
  const provider = await fxProviderOf(name, options);
  return {
    name,
    async fetchRates(request) {
      const answer = await provider.fetchRates(request);
      return answer.ok ? { ...answer, ...soundRates(answer.rates) } : answer;
    },
  };
}

async function fxProviderOf(name: FxProviderName, options: ProviderOptions): Promise<FxProvider> {
  switch (name) {
    case 'ecb':
      return createEcbProvider(options);
    case 'csv':
      return createCsvFxProvider(dropFolder(options), options.now, {
        besideEcb: rateSources(options.policy).includes('ecb'),
      });
    case 'tiingo':
      return (await import('./tiingo.js')).createTiingoFxProvider(options);
    case 'alphavantage':
      return (await import('./alphavantage.js')).createAlphaVantageFxProvider(options);
    case 'yahoo':
      return (await import('./yahoo.js')).createYahooFxProvider(options);
  }
}
