import type { MarketFacts } from '../../src/domain/decision/facts.js';
import { policySchema, type Policy } from '../../src/domain/policy/policy.js';
import type { ActionRuling, Bar, CorporateAction, UniverseRow } from '../../src/domain/types.js';

/** Bars from lines `date,open,high,low,close,volume`, as the figures stand in a provider's file. */
export function barsOf(symbol: string, text: string): Bar[] {
  return text
    .trim()
    .split('\n')
    .map((line) => {
      const [session, open, high, low, close, volume] = line.trim().split(',') as [
        string,
        string,
        string,
        string,
        string,
        string,
      ];
      return { symbol, session, open, high, low, close, volume, adjClose: null };
    });
}

/** Bars from lines `date close`: all four prices are the close, the volume tells the bars apart. */
export function closesOf(symbol: string, text: string): Bar[] {
  return text
    .trim()
    .split('\n')
    .map((line, i) => {
      const [session, close] = line.trim().split(/\s+/) as [string, string];
      return { symbol, session, open: close, high: close, low: close, close, volume: String(1000 + i), adjClose: null };
    });
}

export const split = (symbol: string, exDate: string, value: string): CorporateAction => ({
  symbol,
  exDate,
  kind: 'SPLIT',
  value,
  currency: null,
  source: 'alphavantage',
});

export const dividend = (symbol: string, exDate: string, value: string): CorporateAction => ({
  symbol,
  exDate,
  kind: 'DIVIDEND',
  value,
  currency: 'USD',
  source: 'alphavantage',
});

export const ruled = (action: CorporateAction, ruling: ActionRuling['ruling'], value: string | null): ActionRuling => ({
  symbol: action.symbol,
  exDate: action.exDate,
  kind: action.kind,
  ruling,
  value,
});

export const rowOf = (internalSymbol: string, changes: Partial<UniverseRow> = {}): UniverseRow => ({
  internalSymbol,
  etoroSearchName: internalSymbol,
  name: internalSymbol,
  kind: 'stock',
  listingCurrency: 'USD',
  tradable: true,
  enabled: true,
  verifiedOn: '2013-01-02',
  verifiedBy: 'Ada',
  ...changes,
});

/** A valid policy; sections may be changed key by key. */
export function policyWith(changes: Record<string, object> = {}): Policy {
  return policySchema.parse({
    version: 1,
    accounts: { main: { base_currency: 'GBP' } },
    operators: ['Ada'],
    market_data: { provider: 'csv' },
    ...changes,
  });
}

/** Four symbols over five real sessions: FB rose 29.6 % on 2013-07-25 without any action. */
const figures: Record<string, string> = {
  FB: `2013-07-22,25.99,26.13,25.72,26.045,27526300
2013-07-23,26.1,26.3,25.97,26.13,28221600
2013-07-24,26.32,26.53,26.05,26.51,82635600
2013-07-25,33.545,34.88,32.75,34.359,365457900
2013-07-26,33.77,34.73,33.56,34.01,136028900`,
  KO: `2013-07-22,41.08,41.14,40.755,40.84,9425100
2013-07-23,40.95,41.13,40.79,40.96,9400900
2013-07-24,41.12,41.13,40.75,40.86,10511000
2013-07-25,40.81,40.8783,40.48,40.84,9147300
2013-07-26,40.65,40.65,40.01,40.64,12279600`,
  XOM: `2013-07-22,94.87,95.2,94.78,94.83,9530400
2013-07-23,94.86,95.49,94.84,95.2,7377400
2013-07-24,95.31,95.31,94.42,94.99,8222800
2013-07-25,94.69,95.31,94.42,94.97,10059800
2013-07-26,94.77,94.8599,93.84,94.79,9721000`,
  SPY: `2013-07-22,169.39,169.74,169.01,169.5,66244175
2013-07-23,169.79,169.83,169.05,169.14,68810946
2013-07-24,169.8,169.85,168.18,168.55,101293288
2013-07-25,168.17,169.08,167.94,168.93,88599506
2013-07-26,168.24,169.16,167.52,169.11,87678043`,
};

export const julyUniverse: UniverseRow[] = [
  rowOf('FB'),
  rowOf('KO'),
  rowOf('XOM'),
  rowOf('SPY', { kind: 'benchmark', tradable: false }),
];

/** Everything is in order: the as-of date is 2013-07-26, with the ECB's rate of that day. */
export const julyMarket = (changes: Partial<MarketFacts> = {}): MarketFacts => ({
  asOfDate: '2013-07-26',
  provider: 'csv',
  basis: 'raw',
  histories: Object.entries(figures).map(([symbol, text]) => ({ symbol, bars: barsOf(symbol, text) })),
  secondCloses: null,
  fetches: [],
  actions: [],
  rulings: [],
  fx: { pair: 'GBPUSD', date: '2013-07-26', rate: '1.53998', source: 'ecb' },
  ...changes,
});

/** The market with one symbol's bars changed. */
export function withBars(
  symbol: string,
  change: (bars: Bar[]) => Bar[],
  changes: Partial<MarketFacts> = {},
): MarketFacts {
  const market = julyMarket(changes);
  return {
    ...market,
    histories: market.histories.map((history) =>
      history.symbol === symbol ? { symbol, bars: change(history.bars) } : history,
    ),
  };
}

/** Bars with the one of `session` changed. */
export const changed =
  (session: string, change: Partial<Bar>) =>
  (bars: Bar[]): Bar[] =>
    bars.map((bar) => (bar.session === session ? { ...bar, ...change } : bar));
