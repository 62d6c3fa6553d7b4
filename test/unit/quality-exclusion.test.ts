import { describe, expect, it } from 'vitest';
import type { MarketFacts } from '../../src/domain/decision/facts.js';
import { scoreUniverse } from '../../src/domain/decision/scoring.js';
import {
  assessQuality,
  exclusionsBySymbol,
  exclusionsText,
  jumpsIn,
  rateJumpsIn,
} from '../../src/domain/market/index.js';
import type { Bar, GateResult } from '../../src/domain/types.js';
import { changed, dividend, julyMarket, policyWith, rowOf, withBars } from './quality.fixture.js';

/** Fifty stocks with the bars of XOM, and FB, KO, XOM and SPY of July 2013: one stock is 1.9 % of them. */
const many = Array.from({ length: 50 }, (_, index) => `Q${index + 10}`);
const universe = [...['FB', 'KO', 'XOM', ...many].map((symbol) => rowOf(symbol)), rowOf('SPY', { kind: 'benchmark' })];
const policy = policyWith({ data_quality: { max_jump: 0.25 } });

function among(market: MarketFacts, changes: Partial<MarketFacts> = {}): MarketFacts {
  const pattern = julyMarket().histories.find(({ symbol }) => symbol === 'XOM')?.bars ?? [];
  const others = many.map((symbol) => ({ symbol, bars: pattern.map((bar): Bar => ({ ...bar, symbol })) }));
  return { ...market, faultsExclude: true, histories: [...market.histories, ...others], ...changes };
}

const assess = (market: MarketFacts, held: string[] = [], rules = policy) =>
  assessQuality(market, universe, held, rules);
const pairs = (reasons: GateResult['reasons'] = []) => reasons.map(({ code, subject }) => `${code} ${subject}`);
const of = ({ status, reasons, exclusions }: GateResult) => ({
  status,
  reasons: pairs(reasons),
  left: pairs(exclusions),
});

const faults: [string, MarketFacts][] = [
  ['PRICE_JUMP_UNEXPLAINED FB', julyMarket()],
  ['DATA_STALE KO', withBars('KO', (bars) => bars.slice(0, -1))],
  ['DATA_MISSING KO', withBars('KO', () => [])],
  ['DATA_MISSING KO', withBars('KO', (bars) => bars.filter(({ session }) => session !== '2013-07-24'))],
  ['BAR_INVALID KO', withBars('KO', changed('2013-07-26', { high: '1' }))],
  ['ACTION_NEEDS_REVIEW KO', julyMarket({ actions: [dividend('KO', '2013-07-25', '20')] })],
  ['SOURCES_DISAGREE KO', julyMarket({ secondCloses: { source: 'tiingo', closes: { KO: '50' } } })],
];
const calm = policyWith({ data_quality: { max_jump: 0.35 } });

describe('a fault of one symbol', () => {
  it.each(faults)('%s leaves the symbol out when it is neither held nor a benchmark', (fault, market) => {
    const rules = fault.startsWith('PRICE_JUMP') ? policy : calm;
    const symbol = fault.split(' ')[1] as string;
    expect(of(assess(among(market), [], rules))).toEqual({ status: 'PASS', reasons: [], left: [fault] });
    expect(of(assess(among(market), [symbol], rules))).toEqual({ status: 'FAIL', reasons: [fault], left: [] });
  });

  it('stops the day when the symbol is a benchmark, whoever holds it', () => {
    const market = among(withBars('SPY', changed('2013-07-24', { volume: '-1' })));
    expect(of(assess(market, [], calm))).toEqual({ status: 'FAIL', reasons: ['BAR_INVALID SPY'], left: [] });
  });

  it('stops the day for all in facts of before, whose tickets were issued by that rule', () => {
    const { faultsExclude: _, ...before } = among(julyMarket());
    expect(of(assess(before))).toEqual({ status: 'FAIL', reasons: ['PRICE_JUMP_UNEXPLAINED FB'], left: [] });
  });

  it('is named in the evidence, and only there where there is one', () => {
    expect(assess(among(julyMarket())).evidence).toMatchObject({ excluded: 'FB PRICE_JUMP_UNEXPLAINED', covered: 53 });
    expect(assess(among(julyMarket()), [], calm)).not.toHaveProperty('exclusions');
    expect(assess(among(julyMarket()), [], calm).evidence).not.toHaveProperty('excluded');
  });
});

describe('coverage', () => {
  const broken = (symbols: string[], change: (bars: Bar[]) => Bar[]) => {
    const market = among(julyMarket());
    const histories = market.histories.map((history) =>
      symbols.includes(history.symbol) ? { ...history, bars: change(history.bars) } : history,
    );
    return { ...market, histories };
  };
  const doubled = (bars: Bar[]) =>
    bars.map((bar) =>
      bar.session < '2013-07-25'
        ? bar
        : { ...bar, open: '190', high: '192', low: '188', close: bar.session === '2013-07-25' ? '190' : '191' },
    );

  it('counts what leaves no good bar of the as-of date; the faults that count stop the day with it', () => {
    const stale = (bars: Bar[]) => bars.slice(0, -1);
    expect(of(assess(broken(['Q10'], stale), [], calm)).status).toBe('PASS');
    expect(of(assess(broken(['Q10', 'Q11'], stale), [], calm))).toEqual({
      status: 'FAIL',
      reasons: ['COVERAGE_LOW null', 'DATA_STALE Q10', 'DATA_STALE Q11'],
      left: [],
    });
  });

  /** Three stocks and a benchmark: one of three is far below 98 %. */
  const few = { ...julyMarket(), faultsExclude: true as const };
  const withStale = (symbols: string[]): MarketFacts => ({
    ...few,
    histories: few.histories.map((one) =>
      symbols.includes(one.symbol) ? { ...one, bars: one.bars.slice(0, -1) } : one,
    ),
  });
  const small = ['FB', 'KO', 'XOM'].map((symbol) => rowOf(symbol));
  const judge = (market: MarketFacts, held: string[] = [], rules = calm) =>
    of(assessQuality(market, [...small, rowOf('SPY', { kind: 'benchmark' })], held, rules));

  it('lets one stock be left out however few there are, but none that is held', () => {
    expect(judge(withStale(['KO']))).toEqual({ status: 'PASS', reasons: [], left: ['DATA_STALE KO'] });
    const both = ['COVERAGE_LOW null', 'DATA_STALE KO'];
    expect(judge(withStale(['KO']), ['KO'])).toEqual({ status: 'FAIL', reasons: both, left: [] });
    expect(judge(withStale(['FB', 'KO'])).reasons).toEqual(['COVERAGE_LOW null', 'DATA_STALE FB', 'DATA_STALE KO']);
    expect(judge(withStale(['FB', 'KO']), ['KO']).reasons).toContain('COVERAGE_LOW null');
  });

  it('wants all where the limit is 1, some in any case, and what it wanted before in facts of before', () => {
    const all = policyWith({ data_quality: { min_coverage: 1 } });
    const both = ['COVERAGE_LOW null', 'DATA_STALE KO'];
    expect(judge(withStale(['KO']), [], all).reasons).toEqual(both);
    const only = assessQuality(withStale(['KO']), [rowOf('KO'), rowOf('SPY', { kind: 'benchmark' })], [], calm);
    expect(of(only)).toMatchObject({ status: 'FAIL', reasons: both });
    const { faultsExclude: _, ...before } = withStale(['KO']);
    expect(judge(before).reasons).toEqual(both);
  });

  it('does not count what only waits for a ruling: eight jumps of 53 stop nothing', () => {
    const result = assess(broken(many.slice(0, 8), doubled), [], calm);
    expect(of(result)).toMatchObject({ status: 'PASS', reasons: [] });
    expect(result.exclusions).toHaveLength(8);
    expect(result.evidence).toMatchObject({ coverage: 1 });
  });

  it('counts all of them when more than half would be left out, or what the policy says: then it is the source', () => {
    const half = broken(many.slice(0, 27), doubled);
    expect(of(assess(half, [], calm))).toMatchObject({ status: 'FAIL', left: [] });
    expect(pairs(assess(half, [], calm).reasons)).toContain('COVERAGE_LOW null');
    const strict = policyWith({ data_quality: { max_excluded: 0.1 } });
    expect(of(assess(broken(many.slice(0, 5), doubled), [], strict)).status).toBe('PASS');
    expect(of(assess(broken(many.slice(0, 6), doubled), [], strict)).status).toBe('FAIL');
  });
});

describe('what is left out', () => {
  it('is not ranked, and every fault says why', () => {
    const exclusions = assess(among(withBars('FB', changed('2013-07-23', { volume: '-1' })))).exclusions ?? [];
    const [why] = [exclusionsBySymbol(exclusions).get('FB')];
    expect(why).toMatch(
      /^BAR_INVALID: .*; PRICE_JUMP_UNEXPLAINED: FB: close 26.51 to 34.359 on 2013-07-25 \(\+29.6 %\)/,
    );
    expect(exclusionsText(exclusions)).toBe('FB (BAR_INVALID, PRICE_JUMP_UNEXPLAINED)');
    const scores = scoreUniverse(universe, among(julyMarket()), 'stub', exclusionsBySymbol(exclusions));
    expect(scores.find(({ symbol }) => symbol === 'FB')).toEqual({ symbol: 'FB', score: null, excluded: why });
    expect(scores.filter(({ score }) => score !== null)).toHaveLength(52);
  });
});

describe('a jump', () => {
  const genuine = { symbol: 'FB', exDate: '2013-07-25', kind: 'JUMP', ruling: 'genuine', value: null } as const;
  const second = (moves: NonNullable<MarketFacts['secondCloses']>['moves']) =>
    among(julyMarket(), { secondCloses: { source: 'tiingo', closes: {}, ...(moves && { moves }) } });
  const move = { symbol: 'FB', session: '2013-07-25', closeBefore: '26.51', close: '34.36', split: null };

  it('is settled by one ruling, also for whoever holds it', () => {
    const ruled = among(julyMarket({ rulings: [genuine] }));
    expect(of(assess(ruled, ['FB']))).toEqual({ status: 'PASS', reasons: [], left: [] });
    const other = among(julyMarket({ rulings: [{ ...genuine, exDate: '2013-07-24' }] }));
    expect(of(assess(other, ['FB']))).toMatchObject({ status: 'FAIL' });
  });

  it('is cleared by a second source that shows the same move and publishes no split', () => {
    expect(of(assess(second([move]), ['FB']))).toEqual({ status: 'PASS', reasons: [], left: [] });
    // Adjusted otherwise, the same move.
    const halved = { ...move, closeBefore: '13.255', close: '17.18' };
    expect(of(assess(second([halved]), ['FB'])).status).toBe('PASS');
    for (const other of [
      { ...move, close: '26.6' },
      { ...move, split: '0.77' },
      { ...move, session: '2013-07-24' },
      { ...move, symbol: 'KO' },
    ])
      expect(of(assess(second([other]), ['FB']))).toMatchObject({ reasons: ['PRICE_JUMP_UNEXPLAINED FB'] });
  });

  it('stands in the list with the closes around it, and with what settled it', () => {
    const [jump] = jumpsIn(among(julyMarket()), policy);
    expect(jump).toEqual({
      symbol: 'FB',
      session: '2013-07-25',
      closeBefore: '26.51',
      close: '34.359',
      move: 0.296077,
      adjusted: null,
      around: [
        { session: '2013-07-22', close: '26.045' },
        { session: '2013-07-23', close: '26.13' },
        { session: '2013-07-24', close: '26.51' },
        { session: '2013-07-25', close: '34.359' },
        { session: '2013-07-26', close: '34.01' },
      ],
      ruled: null,
      confirmedBy: null,
    });
    expect(jumpsIn(among(julyMarket({ rulings: [genuine] })), policy)[0]).toMatchObject({ ruled: 'genuine' });
    expect(jumpsIn(second([move]), policy)[0]).toMatchObject({ ruled: null, confirmedBy: 'tiingo' });
    expect(jumpsIn(among(julyMarket()), calm)).toEqual([]);
  });
});

describe('a move of the adjusted close alone', () => {
  /** KO as its provider has it after a split that it did not tell: the adjusted closes before the day are halved. */
  const halved = (changes: Partial<MarketFacts> = {}) =>
    among(
      withBars(
        'KO',
        (bars) =>
          bars.map((bar) => ({
            ...bar,
            adjClose: bar.session < '2013-07-25' ? String(Number(bar.close) / 2) : bar.close,
          })),
        changes,
      ),
    );
  const rulingOf = (kind: 'SPLIT' | 'DIVIDEND' | 'JUMP', ruling: 'split' | 'ignore' | 'genuine', value = '0') =>
    ({ symbol: 'KO', exDate: '2013-07-25', kind, ruling, value: ruling === 'split' ? value : null }) as const;

  it('stands in the list with both, as long as the gate names it', () => {
    expect(of(assess(halved(), ['KO'], calm)).reasons).toEqual(['ADJUSTMENT_UNEXPLAINED KO']);
    expect(jumpsIn(halved(), calm)).toEqual([
      {
        symbol: 'KO',
        session: '2013-07-25',
        closeBefore: '40.86',
        close: '40.84',
        move: -0.000489,
        adjusted: { closeBefore: '20.43', close: '40.84' },
        around: [
          { session: '2013-07-22', close: '40.84' },
          { session: '2013-07-23', close: '40.96' },
          { session: '2013-07-24', close: '40.86' },
          { session: '2013-07-25', close: '40.84' },
          { session: '2013-07-26', close: '40.64' },
        ],
        ruled: null,
        confirmedBy: null,
      },
    ]);
  });

  it.each([
    ['genuine', rulingOf('JUMP', 'genuine')],
    ['ignore', rulingOf('SPLIT', 'ignore')],
  ] as const)('is settled by the ruling %s, for the gate and in the list', (ruling, said) => {
    const ruled = halved({ rulings: [said] });
    expect(of(assess(ruled, ['KO'], calm)).reasons).toEqual([]);
    expect(jumpsIn(ruled, calm)).toMatchObject([{ symbol: 'KO', ruled: ruling }]);
  });

  it('is not listed where an action of that day is on hold: it is that action that is ruled on', () => {
    const held = halved({ actions: [dividend('KO', '2013-07-25', '20')] });
    expect(of(assess(held, ['KO'], calm)).reasons).toEqual(['ACTION_NEEDS_REVIEW KO']);
    expect(jumpsIn(held, calm).filter(({ adjusted }) => adjusted !== null)).toEqual([]);
  });

  it('is still to be ruled genuine where the close jumps too and only a figure was ruled', () => {
    const both = among(
      withBars('KO', (bars) =>
        bars.map((bar) => ({
          ...bar,
          ...(bar.session < '2013-07-25' && { open: '80', high: '82', low: '79', close: '81' }),
          adjClose: bar.session < '2013-07-25' ? '20' : bar.close,
        })),
      ),
    );
    const [jump] = jumpsIn(both, calm);
    expect(jump).toMatchObject({ move: -0.495802, adjusted: { closeBefore: '20' }, ruled: null });
    const ruled = { ...both, rulings: [rulingOf('SPLIT', 'split', '1.1')] };
    expect(jumpsIn(ruled, calm)[0]).toMatchObject({ ruled: null });
    expect(of(assess(ruled, ['KO'], calm)).reasons).toEqual(['PRICE_JUMP_UNEXPLAINED KO']);
  });
});

describe('a jump of the rate', () => {
  const dated = (figures: Record<string, string>) => Object.entries(figures).map(([date, rate]) => ({ date, rate }));
  const first = dated({ '2013-07-22': '1.53', '2013-07-23': '1.535', '2013-07-24': '2.5', '2013-07-26': '1.54' });
  const facts = (second: typeof first | null = null, changes: Partial<MarketFacts> = {}) =>
    among(julyMarket(), {
      rates: {
        pair: 'GBPUSD',
        first: { source: 'csv', rates: first },
        second: second && { source: 'ecb', rates: second },
        fetch: null,
      },
      ...changes,
    });
  const genuine = { symbol: 'GBPUSD', exDate: '2013-07-24', kind: 'JUMP', ruling: 'genuine', value: null } as const;

  it('stands in the list with the rates around it, there and back', () => {
    expect(rateJumpsIn(facts(), calm)).toEqual([
      {
        symbol: 'GBPUSD',
        session: '2013-07-24',
        closeBefore: '1.535',
        close: '2.5',
        move: 0.628664,
        adjusted: null,
        around: first.map(({ date, rate }) => ({ session: date, close: rate })),
        ruled: null,
        confirmedBy: null,
      },
      expect.objectContaining({ session: '2013-07-26', closeBefore: '2.5', close: '1.54', move: -0.384 }),
    ]);
    expect(pairs(assess(facts(), [], calm).reasons)).toEqual([
      'FX_JUMP_UNEXPLAINED GBPUSD',
      'FX_JUMP_UNEXPLAINED GBPUSD',
    ]);
  });

  it('is settled by a ruling on its date, or by a second source that shows both rates', () => {
    const ruled = facts(null, { rulings: [genuine] });
    expect(rateJumpsIn(ruled, calm).map((jump) => jump.ruled)).toEqual(['genuine', null]);
    expect(pairs(assess(ruled, [], calm).reasons)).toEqual(['FX_JUMP_UNEXPLAINED GBPUSD']);
    const agrees = facts(dated({ '2013-07-23': '1.54', '2013-07-24': '2.49', '2013-07-26': '1.2' }));
    expect(rateJumpsIn(agrees, calm).map((jump) => jump.confirmedBy)).toEqual(['ecb', null]);
    expect(pairs(assess(agrees, [], calm).reasons)).toEqual(['FX_JUMP_UNEXPLAINED GBPUSD']);
  });

  it('is none within the limit of the policy, and none where no rate is needed', () => {
    expect(rateJumpsIn(facts(), policyWith({ data_quality: { max_fx_jump: 0.7 } }))).toEqual([]);
    expect(rateJumpsIn(among(julyMarket()), calm)).toEqual([]);
  });
});
