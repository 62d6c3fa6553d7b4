import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MarketFacts } from '../../src/domain/decision/facts.js';
import { momentum, scoreUniverse } from '../../src/domain/decision/scoring.js';
import type { SymbolHistory } from '../../src/domain/types.js';
import { actions, closes, history, row } from './fixtures/closes-2014.js';

const aapl = closes['AAPL'] ?? [];
const ko = closes['KO'] ?? [];
const market = (histories: SymbolHistory[], changes: Partial<MarketFacts> = {}): MarketFacts => ({
  asOfDate: '2014-06-30',
  provider: 'csv',
  basis: 'raw',
  histories,
  secondCloses: null,
  fetches: [],
  actions: [...actions],
  rulings: [],
  fx: null,
  ...changes,
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
  it("see through a split and dividends: AAPL and KO on 2014-06-30 as on the provider's own adjusted closes", () => {
    const scores = scoreUniverse(
      [row('KO'), row('AAPL')],
      market([history('AAPL', aapl), history('KO', ko)]),
      'momentum',
    );
    expect(scores.map(({ symbol }) => symbol)).toEqual(['AAPL', 'KO']);
    // 0.0814505833 and 0.0545155950 on alphavantage's adjusted series; raw closes would say -0.79 for AAPL.
    expect(Number(scores[0]?.score)).toBeCloseTo(0.0814505833, 4);
    expect(Number(scores[1]?.score)).toBeCloseTo(0.054515595, 4);
    expect(scores[0]?.score).toMatch(/^0\.\d{10}$/);
  });

  it('follow the ruling of a human on an action', () => {
    const ruling = { symbol: 'KO', exDate: '2014-06-12', kind: 'DIVIDEND', ruling: 'ignore', value: null } as const;
    const ignored = scoreUniverse([row('KO')], market([history('KO', ko)], { rulings: [ruling] }), 'momentum');
    expect(Number(ignored[0]?.score)).toBeCloseTo(0.0479272746, 9);
  });

  it('exclude what cannot be ranked, with the reason, last', () => {
    const universe = [
      row('NEW'),
      row('OLD'),
      row('AAPL'),
      row('NONE'),
      row('CFD', { kind: 'cfd' }),
      row('X', { tradable: false }),
      row('Y', { verifiedOn: null }),
    ];
    const stale = history('OLD', ko.slice(0, 63));
    const old = { ...stale, bars: stale.bars.map((bar) => ({ ...bar, session: '2014-06-27' })) };
    const scores = scoreUniverse(
      universe,
      market([history('AAPL', aapl), history('NEW', ko.slice(-63)), old]),
      'momentum',
    );
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
    fc.assert(
      fc.property(fc.shuffledSubarray(['A', 'B', 'C'], { minLength: 3 }), (order) => {
        const scores = scoreUniverse(
          order.map((symbol) => row(symbol)),
          market(histories),
          'momentum',
        );
        expect(scores.map(({ symbol }) => symbol)).toEqual(['A', 'B', 'C']);
      }),
    );
  });

  it('are equal with the stub, which needs no history but the close of the as-of date', () => {
    const scores = scoreUniverse(
      [row('KO'), row('AAPL'), row('NONE')],
      market([history('AAPL', ['92.93']), history('KO', ko)]),
      'stub',
    );
    expect(scores).toEqual([
      { symbol: 'AAPL', score: '1.0000000000', excluded: null },
      { symbol: 'KO', score: '1.0000000000', excluded: null },
      { symbol: 'NONE', score: null, excluded: 'no close of 2014-06-30' },
    ]);
  });

  it('put who cannot be scored last, by symbol, wherever it stands in the universe', () => {
    const histories = [
      history('KO', ko),
      history('AAPL', aapl),
      history(
        'FLAT',
        ko.map((close, index) => (index === 40 ? '0' : close)),
      ),
    ];
    const order = (names: string[]) =>
      scoreUniverse(
        names.map((symbol) => row(symbol)),
        market(histories),
        'momentum',
      ).map(({ symbol }) => symbol);
    const best = order(['KO', 'AAPL']);
    fc.assert(
      fc.property(fc.shuffledSubarray(['KO', 'AAPL', 'NONE', 'FLAT', 'GONE', 'MISS'], { minLength: 6 }), (names) => {
        expect(order(names)).toEqual([...best, 'FLAT', 'GONE', 'MISS', 'NONE']);
      }),
    );
    expect(scoreUniverse([row('FLAT')], market(histories), 'momentum')).toEqual([
      { symbol: 'FLAT', score: null, excluded: 'a close is missing or not above zero' },
    ]);
  });

  it('rank 500 symbols, each once', () => {
    const names = Array.from({ length: 500 }, (_, index) => `S${index}`);
    const facts = market(
      names.map((symbol, index) =>
        history(symbol, index % 2 === 0 ? ko : aapl.slice(0, 48).concat(aapl.slice(32, 48))),
      ),
    );
    const ranked = scoreUniverse(
      names.map((symbol) => row(symbol)),
      facts,
      'momentum',
    );
    expect(ranked).toHaveLength(500);
    expect(new Set(ranked.map(({ symbol }) => symbol)).size).toBe(500);
  });
});
