import { describe, expect, it } from 'vitest';
import { sessionsBetween } from '../../src/domain/calendar/calendar.js';
import type { FetchOutcome, MarketFacts } from '../../src/domain/decision/facts.js';
import { assessQuality, ratesNeeded } from '../../src/domain/market/index.js';
import type { GateResult, UniverseRow } from '../../src/domain/types.js';
import {
  barsOf,
  changed,
  closesOf,
  dividend,
  julyMarket,
  julyUniverse,
  policyWith,
  rowOf,
  ruled,
  split,
  withBars,
} from './quality.fixture.js';

const policy = policyWith();
const loose = policyWith({ data_quality: { min_coverage: 0.5 } });

const assess = (market: MarketFacts, held: string[] = [], rules = policy): GateResult =>
  assessQuality(market, julyUniverse, held, rules);

/** `CODE subject` of every reason. */
const codesOf = (result: GateResult): string[] => result.reasons.map(({ code, subject }) => `${code} ${subject}`);
const messageOf = (result: GateResult, code: string): string | undefined =>
  result.reasons.find((reason) => reason.code === code)?.message;

/** The market with some of a symbol's bars left out. */
const without = (symbol: string, keep: (session: string) => boolean): MarketFacts =>
  withBars(symbol, (all) => all.filter(({ session }) => keep(session)));

/** The market with a second source's close of KO. */
const against = (close: string) =>
  assess(julyMarket({ secondCloses: { source: 'tiingo', closes: { KO: close, IBM: '1' } } }));

/** The codes of one symbol's two closes. */
const day = (
  symbol: string,
  before: string,
  after: string,
  dates: [string, string],
  changes: Partial<MarketFacts> = {},
): string[] => {
  const histories = [{ symbol, bars: closesOf(symbol, `${dates[0]} ${before}\n${dates[1]} ${after}`) }];
  const market = julyMarket({
    asOfDate: dates[1],
    histories,
    fx: { pair: 'GBPUSD', date: dates[1], rate: '1.6', source: 'ecb' },
    ...changes,
  });
  return codesOf(assessQuality(market, [rowOf(symbol)], [], policy));
};

const apple = (changes: Partial<MarketFacts>) => day('AAPL', '645.57', '93.7', ['2014-06-06', '2014-06-09'], changes);

describe('a good day', () => {
  it('passes, and says what was looked at', () => {
    const result = assess(julyMarket(), ['FB']);
    expect(result).toMatchObject({ gate: 'data_quality', status: 'PASS', reasons: [] });
    expect(result.evidence).toMatchObject({
      asOfDate: '2013-07-26',
      provider: 'csv',
      basis: 'raw',
      enabled: 3,
      covered: 3,
      coverage: 1,
      benchmarks: 1,
      held: 1,
      absent: null,
      fxPair: 'GBPUSD',
      fxDate: '2013-07-26',
      fxRate: '1.53998',
      holds: 0,
      lookbackFrom: '2013-04-26',
    });
  });

  it('takes an early close with half the volume for what it is (SPY and AAPL, 2013-07-03)', () => {
    const histories = [
      {
        symbol: 'SPY',
        bars: barsOf(
          'SPY',
          '2013-07-02,161.09,162.3,160.5,161.16,119553837\n2013-07-03,160.51,161.76,160.22,161.34,59696858',
        ),
      },
      {
        symbol: 'AAPL',
        bars: barsOf(
          'AAPL',
          '2013-07-02,409.96,421.63,409.47,418.49,16780900\n2013-07-03,420.86,422.98,417.45,420.8,8604600',
        ),
      },
    ];
    const market = julyMarket({
      asOfDate: '2013-07-03',
      histories,
      fx: { pair: 'GBPUSD', date: '2013-07-03', rate: '1.5258', source: 'ecb' },
    });
    expect(
      assessQuality(market, [rowOf('AAPL'), rowOf('SPY', { kind: 'benchmark', tradable: false })], [], policy).status,
    ).toBe('PASS');
  });
});

describe('what is absent', () => {
  const stale = without('XOM', (session) => session < '2013-07-26');
  const missing = without('XOM', () => false);

  it('is COVERAGE_LOW under the limit, and names the symbols', () => {
    expect(codesOf(assess(stale))).toEqual(['COVERAGE_LOW null', 'DATA_STALE XOM']);
    expect(codesOf(assess(missing))).toEqual(['COVERAGE_LOW null', 'DATA_MISSING XOM']);
    expect(messageOf(assess(stale), 'COVERAGE_LOW')).toBe(
      '2 of 3 enabled stocks have a good bar of 2013-07-26: 66.67 %, at least 98.00 % is wanted',
    );
    expect(messageOf(assess(stale), 'DATA_STALE')).toBe(
      'XOM: the newest bar is of 2013-07-25, that of 2013-07-26 is due',
    );
  });

  it('is evidence only while coverage holds', () => {
    expect(assess(stale, [], loose)).toMatchObject({
      status: 'PASS',
      reasons: [],
      evidence: { absent: 'XOM DATA_STALE', covered: 2 },
    });
    expect(assess(missing, [], loose)).toMatchObject({ status: 'PASS', evidence: { absent: 'XOM DATA_MISSING' } });
  });

  it('always stops the day for a held symbol, known to the universe or not', () => {
    expect(codesOf(assess(stale, ['XOM'], loose))).toEqual(['DATA_STALE XOM']);
    expect(codesOf(assess(missing, ['XOM'], loose))).toEqual(['DATA_MISSING XOM']);
    expect(codesOf(assess(julyMarket(), ['IBM'], loose))).toEqual(['DATA_MISSING IBM']);
  });

  it('is what the calendar says is due, whatever the data says', () => {
    const monday = julyMarket({
      asOfDate: '2013-07-29',
      fx: { pair: 'GBPUSD', date: '2013-07-29', rate: '1.5336', source: 'ecb' },
    });
    expect(codesOf(assess(monday))).toEqual([
      'COVERAGE_LOW null',
      'BENCHMARK_MISSING SPY',
      'DATA_STALE FB',
      'DATA_STALE KO',
      'DATA_STALE XOM',
    ]);
  });

  it('says why the fetch failed', () => {
    const fetches: FetchOutcome[] = [
      {
        symbol: 'XOM',
        source: 'csv',
        status: 'FAILED',
        code: 'NOT_CSV',
        message: 'an HTML page came instead of prices',
        findings: [],
      },
      {
        symbol: 'XOM',
        source: 'tiingo',
        status: 'FAILED',
        code: 'RATE_LIMITED',
        message: 'another source',
        findings: [],
      },
    ];
    const result = assess({ ...stale, fetches });
    expect(messageOf(result, 'DATA_STALE')).toBe(
      'XOM: the newest bar is of 2013-07-25, that of 2013-07-26 is due (the fetch failed: NOT_CSV: an HTML page came instead of prices)',
    );
  });

  it('does not mind a failed fetch when the bar is there from an earlier one', () => {
    expect(
      assess(
        julyMarket({
          fetches: [{ symbol: 'XOM', source: 'csv', status: 'FAILED', code: 'TIMEOUT', message: 'late', findings: [] }],
        }),
      ).status,
    ).toBe('PASS');
  });

  it('covers the limit itself: 49 of 50 is 98 %', () => {
    const symbols = Array.from({ length: 50 }, (_, i) => `S${i}`);
    const market = (absent: number) =>
      julyMarket({
        histories: symbols
          .slice(absent)
          .map((symbol, i) => ({ symbol, bars: closesOf(symbol, `2013-07-25 ${20 + i}\n2013-07-26 ${20 + i}`) })),
      });
    const universe = symbols.map((symbol) => rowOf(symbol));
    expect(assessQuality(market(1), universe, [], policy).status).toBe('PASS');
    expect(assessQuality(market(2), universe, [], policy).reasons[0]?.code).toBe('COVERAGE_LOW');
  });

  it('is BENCHMARK_MISSING for a benchmark, whatever the coverage', () => {
    expect(
      codesOf(
        assess(
          without('SPY', () => false),
          [],
          loose,
        ),
      ),
    ).toEqual(['BENCHMARK_MISSING SPY']);
    expect(
      codesOf(
        assess(
          without('SPY', (session) => session < '2013-07-26'),
          [],
          loose,
        ),
      ),
    ).toEqual(['BENCHMARK_MISSING SPY']);
  });

  it('does not ask for what is disabled', () => {
    const disabled: UniverseRow[] = julyUniverse.map((row) =>
      row.internalSymbol === 'XOM' ? { ...row, enabled: false } : row,
    );
    expect(assessQuality(missing, disabled, [], policy).status).toBe('PASS');
  });

  it('is enough at the limit exactly: 49 of 50 is 98 %', () => {
    const { histories, ...rest } = julyMarket();
    const good = histories.find(({ symbol }) => symbol === 'XOM')?.bars ?? [];
    const names = Array.from({ length: 50 }, (_, index) => `S${index}`);
    const withGood = (count: number) =>
      assessQuality(
        {
          ...rest,
          histories: names.map((symbol, index) => ({
            symbol,
            bars: index < count ? good.map((bar) => ({ ...bar, symbol })) : [],
          })),
          fetches: [],
          actions: [],
        },
        names.map((name) => rowOf(name)),
        [],
        policy,
      );
    expect([withGood(49).status, withGood(49).evidence['coverage']]).toEqual(['PASS', 0.98]);
    expect(codesOf(withGood(48))).toContain('COVERAGE_LOW null');
  });

  it('is COVERAGE_LOW when the universe enables nothing', () => {
    const nothing = julyUniverse.map((row) => ({ ...row, enabled: false }));
    expect(codesOf(assessQuality(julyMarket(), nothing, [], policy))).toEqual(['COVERAGE_LOW null']);
  });

  it('stops the day for a hole in the middle of a history', () => {
    const result = assess(
      without('KO', (session) => session !== '2013-07-24'),
      [],
      loose,
    );
    expect(codesOf(result)).toEqual(['DATA_MISSING KO']);
    expect(messageOf(result, 'DATA_MISSING')).toBe(
      'KO: no bar of 2013-07-24, though there are bars before and after; only the whole history brings it',
    );
  });
});

describe('FX', () => {
  it('is missing when there is none, or an older one (Easter Monday 2013-04-01: New York trades, the ECB does not)', () => {
    expect(codesOf(assess(julyMarket({ fx: null })))).toEqual(['FX_MISSING null']);
    const old = assess(julyMarket({ fx: { pair: 'GBPUSD', date: '2013-07-25', rate: '1.5364', source: 'ecb' } }));
    expect(codesOf(old)).toEqual(['FX_MISSING GBPUSD']);
    expect(messageOf(old, 'FX_MISSING')).toBe(
      'the newest GBPUSD is 1.5364 of 2013-07-25, that of 2013-07-26 is due; none is ever invented',
    );
  });

  it('is judged for each pair where accounts have several base currencies, each named', () => {
    const asOfDate = julyMarket().asOfDate;
    const series = (pair: string, rates: [string, string][]) => ({
      asOfDate,
      rulings: [],
      fx:
        rates.length === 0
          ? null
          : { pair, date: rates.at(-1)?.[0] ?? '', rate: rates.at(-1)?.[1] ?? '', source: 'csv' },
      rates: {
        pair,
        first: { source: 'csv', rates: rates.map(([date, rate]) => ({ date, rate })) },
        second: null,
        fetch: null,
      },
    });
    const judge = (...more: ReturnType<typeof series>[]) =>
      assessQuality(julyMarket(), julyUniverse, [], policy, true, more);
    expect(
      judge(
        series('EURUSD', [
          ['2013-07-25', '1.32'],
          ['2013-07-26', '1.33'],
        ]),
      ).status,
    ).toBe('PASS');
    const jumped = judge(
      series('EURUSD', [
        ['2013-07-25', '1.32'],
        ['2013-07-26', '2.5'],
      ]),
      series('CHFUSD', []),
    );
    expect(codesOf(jumped)).toEqual(['FX_MISSING CHFUSD', 'FX_JUMP_UNEXPLAINED EURUSD']);
    expect(messageOf(jumped, 'FX_MISSING')).toBe('there is no CHFUSD of 2013-07-26; none is ever invented');
  });

  it('is not needed when every currency is the base currency, or when the caller says so', () => {
    const dollars = policyWith({ accounts: { main: { base_currency: 'USD' } } });
    expect(assess(julyMarket({ fx: null }), [], dollars).status).toBe('PASS');
    expect(assessQuality(julyMarket({ fx: null }), julyUniverse, [], policy, false).status).toBe('PASS');
    expect(assessQuality(julyMarket({ fx: null }), julyUniverse, [], dollars, true).status).toBe('FAIL');
  });

  it('is needed for a disabled symbol that is still held', () => {
    const universe = [rowOf('FB', { listingCurrency: 'GBP' }), rowOf('KO', { enabled: false })];
    expect(ratesNeeded(universe, [], ['GBP'])).toBe(false);
    expect(ratesNeeded(universe, ['KO'], ['GBP'])).toBe(true);
  });
});

describe('bars that cannot be true', () => {
  it.each([
    ['a high below its low', { high: '94', low: '95' }, 'high 94 is below low 95'],
    ['a close above its high', { close: '94.86' }, 'close 94.86 is outside 93.84 to 94.8599'],
    ['an open below its low', { open: '93.83' }, 'open 93.83 is outside 93.84 to 94.8599'],
    ['a price of zero', { low: '0' }, 'a price is not above zero'],
    ['a negative price', { open: '-94.77' }, 'a price is not above zero'],
    ['a negative volume', { volume: '-1' }, 'the volume is below zero'],
    ['no number', { close: 'N/D' }, 'a figure is no number'],
  ])('are BAR_INVALID: %s', (_, figures, fault) => {
    const result = assess(withBars('XOM', changed('2013-07-26', figures)), [], loose);
    expect(codesOf(result)).toEqual(['BAR_INVALID XOM']);
    expect(messageOf(result, 'BAR_INVALID')).toBe(`XOM: the bar of 2013-07-26 cannot be true: ${fault}`);
    expect(result.reasons[0]?.evidence).toMatchObject({ session: '2013-07-26', ...figures });
  });

  it('count against coverage on the as-of date', () => {
    expect(codesOf(assess(withBars('XOM', changed('2013-07-26', { volume: '-1' }))))).toEqual([
      'COVERAGE_LOW null',
      'BAR_INVALID XOM',
    ]);
  });

  it('are found over the whole lookback, and not before it', () => {
    const bad = withBars('XOM', changed('2013-07-22', { volume: '-1' }));
    expect(codesOf(assess(bad))).toEqual(['BAR_INVALID XOM']);
    expect(assess(bad, [], policyWith({ data_quality: { lookback_sessions: 4 } })).status).toBe('PASS');
  });

  it('include a bar dated on a day when the NYSE was closed', () => {
    const saturday = closesOf('XOM', '2013-07-20 94.5');
    expect(messageOf(assess(withBars('XOM', (bars) => [...saturday, ...bars])), 'BAR_INVALID')).toContain(
      'the NYSE was closed on that day',
    );
  });

  it("are not flat days without trading, nor a float's last digits (DXCM 2016-07-21, Yahoo)", () => {
    expect(
      assess(withBars('XOM', changed('2013-07-26', { open: '94.79', high: '94.79', low: '94.79', volume: '0' })))
        .status,
    ).toBe('PASS');
    expect(assess(withBars('XOM', changed('2013-07-26', { high: '94.79', open: '94.7900001' }))).status).toBe('PASS');
  });
});

describe('jumps', () => {
  it('pass when they are genuine and within the limit: FB 2013-07-25, +29.6 %', () => {
    expect(assess(julyMarket(), ['FB']).status).toBe('PASS');
  });

  it('are PRICE_JUMP_UNEXPLAINED above it', () => {
    const result = assess(julyMarket(), [], policyWith({ data_quality: { max_jump: 0.25 } }));
    expect(codesOf(result)).toEqual(['PRICE_JUMP_UNEXPLAINED FB']);
    expect(result.reasons[0]?.evidence).toEqual({
      session: '2013-07-25',
      closeBefore: '26.51',
      close: '34.359',
      move: 0.296077,
      limit: 0.25,
    });
  });

  it('are settled by a ruling on that day: the move is genuine', () => {
    const rulings = [ruled(split('FB', '2013-07-25', '1'), 'ignore', null)];
    expect(assess(julyMarket({ rulings }), [], policyWith({ data_quality: { max_jump: 0.25 } })).status).toBe('PASS');
  });

  it('are explained by a split: AAPL 2014-06-09', () => {
    expect(apple({ actions: [split('AAPL', '2014-06-09', '7.00000700001')] })).toEqual([]);
    expect(apple({ actions: [] })).toEqual(['PRICE_JUMP_UNEXPLAINED AAPL']);
  });

  it('are explained by a split that only a human knew of', () => {
    expect(apple({ rulings: [ruled(split('AAPL', '2014-06-09', '7'), 'split', '7')] })).toEqual([]);
  });

  it('are not explained by a small dividend on the same day', () => {
    expect(apple({ actions: [dividend('AAPL', '2014-06-09', '3.29')] })).toEqual(['PRICE_JUMP_UNEXPLAINED AAPL']);
  });

  it('are not explained by a split on another day, nor by one that closes already contain', () => {
    expect(apple({ actions: [split('AAPL', '2014-06-05', '7')] })).toEqual(['PRICE_JUMP_UNEXPLAINED AAPL']);
    expect(apple({ actions: [split('AAPL', '2014-06-09', '7')], basis: 'split' })).toEqual([
      'PRICE_JUMP_UNEXPLAINED AAPL',
    ]);
  });

  it('of 52 % without any action stop the day: AMD 2016-04-22', () => {
    expect(day('AMD', '2.62', '3.99', ['2016-04-21', '2016-04-22'])).toEqual(['PRICE_JUMP_UNEXPLAINED AMD']);
  });
});

describe('actions on hold', () => {
  const distribution = dividend('GOOGL', '2014-04-03', '567.9717');
  const google = (asOfDate: string, held: string[], changes: Partial<MarketFacts> = {}) => {
    const later = sessionsBetween('2014-04-04', asOfDate).map((date, i) => `${date} ${545 + (i % 7)}`);
    const bars = closesOf(
      'GOOGL',
      ['2014-04-01 1134.89', '2014-04-02 1135.1', '2014-04-03 571.5', ...later].join('\n'),
    );
    const market = julyMarket({
      asOfDate,
      histories: [{ symbol: 'GOOGL', bars }],
      actions: [distribution],
      fx: { pair: 'GBPUSD', date: asOfDate, rate: '1.66', source: 'ecb' },
      ...changes,
    });
    return assessQuality(market, [rowOf('GOOGL')], held, policy);
  };

  it('stop the day: GOOGL 2014-04-03', () => {
    const result = google('2014-04-03', []);
    expect(codesOf(result)).toEqual(['ACTION_NEEDS_REVIEW GOOGL']);
    expect(result.reasons[0]?.message).toContain('held until a human rules on it');
    expect(result.reasons[0]?.evidence).toMatchObject({
      exDate: '2014-04-03',
      kind: 'DIVIDEND',
      value: '567.9717',
      closeBefore: 1135.1,
    });
  });

  it('are released by a ruling, as a split of 1.998 or as cash', () => {
    expect(google('2014-04-03', [], { rulings: [ruled(distribution, 'split', '1.998')] }).status).toBe('PASS');
    expect(google('2014-04-03', [], { rulings: [ruled(distribution, 'cash_dividend', '567.9717')] }).status).toBe(
      'PASS',
    );
  });

  it('leave an unexplained jump when they are ruled away, or ruled to be too little', () => {
    expect(codesOf(google('2014-04-03', [], { rulings: [ruled(distribution, 'ignore', null)] }))).toEqual([
      'PRICE_JUMP_UNEXPLAINED GOOGL',
    ]);
    expect(codesOf(google('2014-04-03', [], { rulings: [ruled(distribution, 'cash_dividend', '0.5')] }))).toEqual([
      'PRICE_JUMP_UNEXPLAINED GOOGL',
    ]);
  });

  it('count while they are within the lookback, and beyond it only when the symbol is held', () => {
    const lastWithin = sessionsBetween('2014-04-03', '2014-12-31')[63] ?? '';
    const firstBeyond = sessionsBetween('2014-04-03', '2014-12-31')[64] ?? '';
    expect(google(lastWithin, []).status).toBe('FAIL');
    expect(google(firstBeyond, []).status).toBe('PASS');
    expect(codesOf(google(firstBeyond, ['GOOGL']))).toEqual(['ACTION_NEEDS_REVIEW GOOGL']);
  });

  it('do not count before their ex-date', () => {
    expect(google('2014-04-02', []).status).toBe('PASS');
  });
});

describe('the other codes', () => {
  it('ADJ_CLOSE_MISSING: an action as large as the price leaves no factor', () => {
    const actions = [dividend('KO', '2013-07-25', '41')];
    const result = assess(
      julyMarket({ actions, rulings: [ruled(actions[0] ?? dividend('KO', '', ''), 'cash_dividend', '41')] }),
    );
    expect(codesOf(result)).toEqual(['ADJ_CLOSE_MISSING KO']);
  });

  it('ADJ_CLOSE_MISSING: the provider adjusts its closes, but not the newest', () => {
    const all = withBars('KO', (bars) => bars.map((bar) => ({ ...bar, adjClose: bar.close })));
    expect(assess(all).status).toBe('PASS');
    const result = assess(
      withBars('KO', (bars) =>
        bars.map((bar) => ({ ...bar, adjClose: bar.session === '2013-07-26' ? null : bar.close })),
      ),
    );
    expect(messageOf(result, 'ADJ_CLOSE_MISSING')).toBe(
      'KO: the provider adjusts its closes, but not that of 2013-07-26',
    );
  });

  it('BAR_REPEATED: two bars the same to the last figure, or as many as the policy says', () => {
    const twice = withBars('KO', (bars) =>
      bars.map((bar) => (bar.session === '2013-07-25' ? { ...(bars[2] ?? bar), session: bar.session } : bar)),
    );
    expect(messageOf(assess(twice), 'BAR_REPEATED')).toBe(
      'KO: 2 bars in a row up to 2013-07-25 are the same to the last figure',
    );
    expect(assess(twice, [], policyWith({ data_quality: { max_repeated_bars: 3 } })).status).toBe('PASS');
    expect(
      assess(withBars('KO', changed('2013-07-25', { open: '41.12', high: '41.13', low: '40.75', close: '40.86' })))
        .status,
    ).toBe('PASS');
  });

  it('DUPLICATE_BAR: a date that came twice in an answer, or is stored twice', () => {
    const finding = { code: 'DUPLICATE_BAR' as const, session: '2013-07-24', message: 'close 40.86 and 40.87' };
    const fetched = (session: string, source = 'csv') =>
      julyMarket({
        fetches: [
          { symbol: 'KO', source, status: 'OK', code: null, message: null, findings: [{ ...finding, session }] },
        ],
      });
    expect(messageOf(assess(fetched('2013-07-24')), 'DUPLICATE_BAR')).toBe(
      'KO: 2013-07-24 came twice with different figures: close 40.86 and 40.87',
    );
    expect(assess(fetched('2012-07-24')).status).toBe('PASS');
    expect(assess(fetched('2013-07-24', 'tiingo')).status).toBe('PASS');
    expect(
      codesOf(
        assess(
          withBars('KO', (bars) =>
            bars.flatMap((bar) => (bar.session === '2013-07-24' ? [bar, { ...bar, close: '40.87' }] : [bar])),
          ),
        ),
      ),
    ).toEqual(['DUPLICATE_BAR KO']);
  });

  it('SOURCES_DISAGREE: closes further apart than the limit', () => {
    expect(against('40.64').status).toBe('PASS');
    expect(against('40.45').status).toBe('PASS');
    const result = against('40.40');
    expect(codesOf(result)).toEqual(['SOURCES_DISAGREE KO']);
    expect(messageOf(result, 'SOURCES_DISAGREE')).toBe(
      'KO: the close of 2013-07-26 is 40.64 at csv and 40.40 at tiingo: 0.59 % apart, limit 0.50 %',
    );
    expect(codesOf(against('N/D'))).toEqual(['SOURCES_DISAGREE KO']);
  });
});

describe('several at once', () => {
  it('are all given, in the order of the codes, then by symbol', () => {
    const market = withBars('KO', changed('2013-07-24', { volume: '-1' }), {
      fx: null,
      asOfDate: '2013-07-26',
      actions: [split('FB', '2013-07-25', '1.122')],
    });
    const broken = {
      ...market,
      histories: market.histories.filter(({ symbol }) => symbol !== 'XOM' && symbol !== 'SPY'),
    };
    expect(codesOf(assess(broken))).toEqual([
      'COVERAGE_LOW null',
      'BENCHMARK_MISSING SPY',
      'FX_MISSING null',
      'DATA_MISSING XOM',
      'BAR_INVALID KO',
      'ACTION_NEEDS_REVIEW FB',
    ]);
  });

  it('do not depend on the order of the facts', () => {
    const market = julyMarket({
      fx: null,
      actions: [split('FB', '2013-07-25', '1.122'), dividend('KO', '2013-07-25', '20')],
    });
    const shuffled = { ...market, histories: market.histories.toReversed(), actions: market.actions.toReversed() };
    expect(assessQuality(shuffled, julyUniverse.toReversed(), [], policy)).toEqual(assess(market));
  });
});
