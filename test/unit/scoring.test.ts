import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MarketFacts } from '../../src/domain/facts.js';
import { momentum, scoreUniverse } from '../../src/domain/scoring.js';
import type { Bar, CorporateAction, SymbolHistory, UniverseRow } from '../../src/domain/types.js';

// Raw closes of 2014-03-31 to 2014-06-30 (eod-demo), oldest first; AAPL split 7:1 on 2014-06-09.
const aapl = `536.74 541.65 542.55 538.79 531.82 523.47 523.44 530.32 523.48 519.61 521.68 517.9599 519.01 524.94 531.17 531.699 524.75
 567.77 571.94 594.09 592.33 590.09 591.48 592.58 600.96 594.41 592.33 587.99 585.5425 592.83 593.76 593.87 588.82 597.51 604.59 604.71
 606.31 607.27 614.13 625.63 624.01 635.38 633.0 628.65 637.54 644.82 647.35 645.57 93.7 94.25 93.86 92.29 91.28 92.2 92.08 92.18 91.86
 90.91 90.83 90.28 90.36 90.9 91.98 92.93`.split(/\s+/);
const ko = `38.66 38.41 38.33 38.07 38.22 38.62 38.9 38.99 38.89 38.63 38.73 40.18 40.59 40.72 40.75 40.71 40.73 40.7 41.01 41.03 40.57
 40.79 40.78 40.95 40.76 40.49 40.91 40.73 40.87 40.82 41.11 40.89 40.52 40.89 40.71 40.58 40.87 40.58 40.58 40.77 40.58 40.66 40.91
 40.86 40.88 40.79 40.89 40.99 40.91 41.07 40.86 40.42 40.37 40.66 40.92 41.56 41.79 41.69 41.73 41.85 41.96 42.03 42.19 42.36`.split(/\s+/);
const action = (symbol: string, exDate: string, kind: CorporateAction['kind'], value: string): CorporateAction =>
  ({ symbol, exDate, kind, value, currency: 'USD', source: 'alphavantage' });
const actions = [
  action('AAPL', '2014-05-08', 'DIVIDEND', '3.29'), action('AAPL', '2014-06-09', 'SPLIT', '7.00000700001'),
  action('KO', '2014-06-12', 'DIVIDEND', '0.305'),
];

/** The 64 sessions up to 2014-06-30; Good Friday and Memorial Day are none. */
const sessions = (() => {
  const dates: string[] = [];
  for (let day = Date.parse('2014-03-31'); day <= Date.parse('2014-06-30'); day += 86_400_000) {
    const date = new Date(day).toISOString().slice(0, 10);
    if (![0, 6].includes(new Date(day).getUTCDay()) && !['2014-04-18', '2014-05-26'].includes(date)) dates.push(date);
  }
  return dates;
})();
const history = (symbol: string, closes: readonly string[]): SymbolHistory => ({
  symbol,
  bars: closes.map((close, index): Bar => ({
    symbol, session: sessions.at(index - closes.length) ?? '', open: close, high: close, low: close, close, volume: '1', adjClose: null,
  })),
});
const row = (symbol: string, changes: Partial<UniverseRow> = {}): UniverseRow => ({
  internalSymbol: symbol, etoroSearchName: symbol, name: symbol, kind: 'stock', listingCurrency: 'USD', tradable: true, enabled: true,
  verifiedOn: '2014-01-02', verifiedBy: 'ann', ...changes,
});
const market = (histories: SymbolHistory[], changes: Partial<MarketFacts> = {}): MarketFacts => ({
  asOfDate: '2014-06-30', provider: 'csv', basis: 'raw', histories, secondCloses: null, fetches: [], actions, rulings: [], fx: null, ...changes,
});

describe('momentum', () => {
  it('is the formula, on closes that a hand can check', () => {
    // 63 equal steps of 1 %: every log return alike, so no volatility.
    const steady = Array.from({ length: 64 }, (_, index) => 100 * 1.01 ** index);
    const expected = 0.2 * (1.01 ** 5 - 1) + 0.5 * (1.01 ** 21 - 1) + 0.3 * (1.01 ** 63 - 1);
    expect(Number(momentum(steady))).toBeCloseTo(expected, 9);
    // Up and down by turns: r5 = 10 %, r21 = 10 %, r63 = 10 %, vol21 = ln 1.1 · √(1 − 1/21²).
    const jumpy = Array.from({ length: 64 }, (_, index) => (index % 2 === 0 ? 100 : 110));
    expect(Number(momentum(jumpy))).toBeCloseTo(0.1 - 0.3 * Math.log(1.1) * Math.sqrt(1 - 1 / 21 ** 2), 9);
  });

  it('has ten decimals, and none without 64 closes above zero', () => {
    expect(momentum(Array.from({ length: 64 }, () => 5))).toBe('0.0000000000');
    expect(momentum(Array.from({ length: 63 }, () => 5))).toBeNull();
    expect(momentum([...Array.from({ length: 63 }, () => 5), 0])).toBeNull();
    expect(momentum([...Array.from({ length: 63 }, () => 5), Number.NaN])).toBeNull();
  });

  it('looks at the last 64 closes only', () => {
    const closes = aapl.map(Number);
    expect(momentum([1, 1_000, ...closes])).toBe(momentum(closes));
  });
});

describe('scores', () => {
  it('see through a split and dividends: AAPL and KO on 2014-06-30 as on the provider\'s own adjusted closes', () => {
    const scores = scoreUniverse([row('KO'), row('AAPL')], market([history('AAPL', aapl), history('KO', ko)]), 'momentum');
    expect(scores.map(({ symbol }) => symbol)).toEqual(['AAPL', 'KO']);
    // 0.0814505833 and 0.0545155950 on alphavantage's adjusted series; raw closes would say -0.79 for AAPL.
    expect(Number(scores[0]?.score)).toBeCloseTo(0.0814505833, 4);
    expect(Number(scores[1]?.score)).toBeCloseTo(0.0545155950, 4);
    expect(scores[0]?.score).toMatch(/^0\.\d{10}$/);
  });

  it('follow the ruling of a human on an action', () => {
    const ruling = { symbol: 'KO', exDate: '2014-06-12', kind: 'DIVIDEND', ruling: 'ignore', value: null } as const;
    const ignored = scoreUniverse([row('KO')], market([history('KO', ko)], { rulings: [ruling] }), 'momentum');
    expect(Number(ignored[0]?.score)).toBeCloseTo(0.0479272746, 9);
  });

  it('exclude what cannot be ranked, with the reason, last', () => {
    const universe = [row('NEW'), row('OLD'), row('AAPL'), row('NONE'), row('CFD', { kind: 'cfd' }), row('X', { tradable: false }), row('Y', { verifiedOn: null })];
    const stale = history('OLD', ko.slice(0, 63));
    const old = { ...stale, bars: stale.bars.map((bar) => ({ ...bar, session: '2014-06-27' })) };
    const scores = scoreUniverse(universe, market([history('AAPL', aapl), history('NEW', ko.slice(-63)), old]), 'momentum');
    expect(scores.slice(1)).toEqual([
      { symbol: 'CFD', score: null, excluded: 'cfd: only underlying stocks are traded' },
      { symbol: 'NEW', score: null, excluded: '63 closes, 64 needed' },
      { symbol: 'NONE', score: null, excluded: 'no close of 2014-06-30' },
      { symbol: 'OLD', score: null, excluded: 'no close of 2014-06-30' },
      { symbol: 'X', score: null, excluded: 'not tradable at the broker' },
      { symbol: 'Y', score: null, excluded: 'not verified at the broker' },
    ]);
  });

  it('leave benchmarks and disabled symbols out altogether', () => {
    const universe = [row('SPY', { kind: 'benchmark', tradable: false }), row('KO', { enabled: false })];
    expect(scoreUniverse(universe, market([history('SPY', ko), history('KO', ko)]), 'momentum')).toEqual([]);
  });

  it('tie by symbol, whatever the order of the universe', () => {
    const histories = ['B', 'A', 'C'].map((symbol) => history(symbol, ko));
    fc.assert(fc.property(fc.shuffledSubarray(['A', 'B', 'C'], { minLength: 3 }), (order) => {
      const scores = scoreUniverse(order.map((symbol) => row(symbol)), market(histories), 'momentum');
      expect(scores.map(({ symbol }) => symbol)).toEqual(['A', 'B', 'C']);
    }));
  });

  it('are equal with the stub, which needs no history but the close of the as-of date', () => {
    const scores = scoreUniverse([row('KO'), row('AAPL'), row('NONE')], market([history('AAPL', ['92.93']), history('KO', ko)]), 'stub');
    expect(scores).toEqual([
      { symbol: 'AAPL', score: '1.0000000000', excluded: null }, { symbol: 'KO', score: '1.0000000000', excluded: null },
      { symbol: 'NONE', score: null, excluded: 'no close of 2014-06-30' },
    ]);
  });

  it('take milliseconds for 500 symbols', () => {
    const names = Array.from({ length: 500 }, (_, index) => `S${index}`);
    const facts = market(names.map((symbol, index) => history(symbol, index % 2 === 0 ? ko : aapl.slice(0, 48).concat(aapl.slice(32, 48)))));
    scoreUniverse(names.map((symbol) => row(symbol)), facts, 'momentum');
    const started = performance.now();
    expect(scoreUniverse(names.map((symbol) => row(symbol)), facts, 'momentum')).toHaveLength(500);
    const took = performance.now() - started;
    expect(took).toBeLessThan(100);
    console.log(`500 symbols in ${took.toFixed(1)} ms`);
  });
});
