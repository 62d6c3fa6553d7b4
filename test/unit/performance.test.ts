import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readPerformanceSchema } from '../../src/contract/performance.js';
import { read } from '../../src/contract/reading.js';
import { monthEnd } from '../../src/domain/dates.js';
import type { EntryKind, Posting } from '../../src/domain/ledger/entries.js';
import type { BookedEntry } from '../../src/domain/ledger/sums.js';
import { D } from '../../src/domain/money.js';
import { annualOrNull } from '../../src/domain/performance/annual.js';
import {
  inBaseCurrency,
  reinvestedGrowth,
  relativeReturn,
  sameDeposits,
  sessionsOf,
} from '../../src/domain/performance/benchmark.js';
import { attributedCloses, unitValuesNeeded, type StoredClose } from '../../src/domain/performance/closes.js';
import {
  contributionsTo,
  dietzParts,
  modifiedDietz,
  type SymbolPeriod,
} from '../../src/domain/performance/contribution.js';
import { currencySplit } from '../../src/domain/performance/currency.js';
import {
  deepestOf,
  drawdownsOf,
  fallsOf,
  growthsOf,
  maxDrawdownOfReturns,
} from '../../src/domain/performance/drawdown.js';
import {
  costsTogether,
  currencyCostOf,
  impliedRate,
  missedBy,
  slippageOf,
} from '../../src/domain/performance/hands.js';
import { benchmarkName } from '../../src/domain/performance/names.js';
import { missingSessions, placesOf } from '../../src/domain/performance/period.js';
import { annualVolatility, periodVolatility } from '../../src/domain/performance/risk.js';
import { namesTogether } from '../../src/domain/performance/symbols.js';
import { timeWeightedReturn, timeWeightedSeries, type ValuedClose } from '../../src/domain/performance/twr.js';
import { xirr, xirrOfPeriod } from '../../src/domain/performance/xirr.js';

/** So many cases of a property: the whole takes seconds by a hundred. */
const RUNS = { numRuns: 30 };

const dateAt = (index: number): string => new Date(Date.UTC(2014, 0, 1 + index)).toISOString().slice(0, 10);

const dayReturns = fc.array(fc.double({ min: -0.2, max: 0.2, noNaN: true }), { minLength: 1, maxLength: 30 });
const amounts = fc.integer({ min: 0, max: 1_000_000 }).map((pence) => pence / 100);

/** Closes of an account that earns these returns, with money in before and out after each day's market. */
function closesOf(
  returns: readonly number[],
  flows: readonly (readonly [number, number])[],
  start = 10_000,
): ValuedClose[] {
  let value = D(start);
  const closes = [{ date: dateAt(0), value: value.toFixed(), inflow: '0', outflow: '0' }];
  for (const [index, each] of returns.entries()) {
    const [inflow, wanted] = flows[index] ?? [0, 0];
    const after = value.plus(inflow).times(D(1).plus(each));
    const outflow = after.lt(wanted + 1) ? D(0) : D(wanted);
    value = after.minus(outflow);
    closes.push({
      date: dateAt(index + 1),
      value: value.toFixed(),
      inflow: String(inflow),
      outflow: outflow.toFixed(),
    });
  }
  return closes;
}

describe('time-weighted returns', () => {
  test('no flow changes them', () =>
    fc.assert(
      fc.property(dayReturns, fc.array(fc.tuple(amounts, amounts), { maxLength: 30 }), (returns, flows) => {
        const plain = returns.reduce((growth, each) => growth * (1 + each), 1) - 1;
        expect(timeWeightedReturn(closesOf(returns, flows))).toBeCloseTo(plain, 9);
      }),
    ));

  test('a day may be split where money comes or goes', () =>
    fc.assert(
      fc.property(dayReturns, fc.array(fc.tuple(amounts, amounts), { minLength: 30 }), (returns, flows) => {
        const whole = closesOf(returns, flows);
        const split = whole.flatMap((close, index): ValuedClose[] => {
          if (index === 0) return [close];
          const begun = D(whole[index - 1]!.value).plus(close.inflow);
          const done = D(close.value).plus(close.outflow);
          return [
            { ...close, value: begun.toFixed(), outflow: '0' },
            { ...close, value: done.toFixed(), inflow: '0', outflow: '0' },
            { ...close, inflow: '0' },
          ];
        });
        expect(timeWeightedReturn(split)).toBeCloseTo(timeWeightedReturn(whole), 9);
      }),
    ));

  test('neither does the size of the account, and the series ends where the total is', () =>
    fc.assert(
      fc.property(dayReturns, fc.integer({ min: 1, max: 1_000_000 }), (returns, start) => {
        const [one, other] = [closesOf(returns, []), closesOf(returns, [], start)];
        expect(timeWeightedReturn(other)).toBeCloseTo(timeWeightedReturn(one), 9);
        expect(timeWeightedSeries(one).at(-1)!.growth - 1).toBeCloseTo(timeWeightedReturn(one), 12);
      }),
    ));

  test('one account that is joined to another is a contribution, and no gain', () => {
    const closes = [
      { date: '2014-01-02', value: '1000', inflow: '0', outflow: '0' },
      { date: '2014-01-03', value: '6000', inflow: '5000', outflow: '0' },
    ];
    expect(timeWeightedReturn(closes)).toBe(0);
  });
});

test('a value below nothing has lost all there was, and nothing after it makes that worse', () => {
  const close = (date: string, value: string, inflow = '0') => ({ date, value, inflow, outflow: '0' });
  const closes = [
    close('2014-01-02', '1000'),
    close('2014-01-03', '-50'),
    close('2014-01-06', '950', '1000'),
    close('2014-01-07', '1045'),
  ];
  const series = timeWeightedSeries(closes);
  expect(series.map((each) => each.return)).toEqual([-1, 0, expect.closeTo(0.1, 12)]);
  expect(timeWeightedReturn(closes)).toBe(-1);
});

describe('money-weighted returns', () => {
  test('of one payment it is the return of the time, and no scale changes it', () =>
    fc.assert(
      fc.property(
        fc.double({ min: -0.9, max: 3, noNaN: true }),
        fc.integer({ min: 7, max: 4_000 }),
        fc.integer({ min: 1, max: 1_000_000 }),
        (total, days, size) => {
          const flows = [
            { date: dateAt(0), amount: -size },
            { date: dateAt(days), amount: size * (1 + total) },
          ];
          const { roots, rates } = xirrOfPeriod(flows);
          expect(roots).toBe('one');
          expect(rates[0]).toBeCloseTo(total, 9);
          const yearly = (1 + total) ** (365 / days) - 1;
          if (yearly < 49) expect(xirr(flows).rates[0]).toBeCloseTo(yearly, 6);
        },
      ),
      RUNS,
    ));

  test('each rate makes the flows worth nothing, and there are no more than changes of sign', () =>
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 1, max: 900 }), fc.integer({ min: -1000, max: 1000 })), {
          minLength: 2,
          maxLength: 12,
        }),
        (parts) => {
          let day = 0;
          const flows = parts.map(([later, amount]) => ({ date: dateAt((day += later)), amount }));
          const first = Date.parse(flows[0]!.date);
          const { rates } = xirr(flows);
          for (const rate of rates.filter((each) => each > -0.999)) {
            const worths = flows.map(
              ({ date, amount }) => amount / (1 + rate) ** ((Date.parse(date) - first) / 86_400_000 / 365),
            );
            const size = worths.reduce((sum, worth) => sum + Math.abs(worth), 0);
            expect(Math.abs(worths.reduce((sum, worth) => sum + worth, 0))).toBeLessThanOrEqual(size * 1e-9);
          }
          const signs = flows.map(({ amount }) => Math.sign(amount)).filter((sign) => sign !== 0);
          const changes = signs.filter((sign, index) => index > 0 && sign !== signs[index - 1]).length;
          // What was paid in alone and is worth nothing at the end is lost: -100 % without a change of sign.
          const isLost = flows.every(({ amount }) => amount <= 0) && flows.at(-1)!.amount === 0;
          expect(rates.length).toBeLessThanOrEqual(isLost ? 1 : changes);
        },
      ),
      RUNS,
    ));

  test('under a week the rate of the time itself is told, and none a year', () => {
    const flows = [
      { date: '2020-03-04', amount: -1000 },
      { date: '2020-03-06', amount: 1050 },
    ];
    expect(xirrOfPeriod(flows).rates[0]).toBeCloseTo(0.05, 12);
    expect(xirr(flows)).toEqual({ roots: 'none', rates: [] });
    expect(annualOrNull(0.05, '2020-03-04', '2020-03-06')).toBeNull();
    expect(annualOrNull(0.05, '2020-03-04', '2021-03-04')).toBeCloseTo(0.05, 12);
    expect(annualOrNull(0.05, '2020-03-04', '2021-03-03')).toBeNull();
  });
});

describe('falls and volatility', () => {
  test('each fall has its peak, its lowest point and the day it was made good', () => {
    const points = [100, 90, 95, 100, 120, 80, 119, 121, 60].map((value, index) => ({ date: dateAt(index), value }));
    const found = drawdownsOf(points);
    expect(found).toEqual([
      { depth: 90 / 100 - 1, peak: dateAt(0), trough: dateAt(1), recovered: dateAt(3) },
      { depth: 80 / 120 - 1, peak: dateAt(4), trough: dateAt(5), recovered: dateAt(7) },
      { depth: 60 / 121 - 1, peak: dateAt(7), trough: dateAt(8), recovered: null },
    ]);
    expect(deepestOf(found)?.trough).toBe(dateAt(8));
    expect(deepestOf([])).toBeNull();
  });

  test('the deepest of the list is the deepest of the series, by returns and by values', () =>
    fc.assert(
      fc.property(dayReturns, (returns) => {
        const growths = growthsOf(returns);
        const deepest = deepestOf(drawdownsOf(growths.map((value, index) => ({ date: dateAt(index), value }))));
        expect(deepest?.depth ?? 0).toBeCloseTo(maxDrawdownOfReturns(returns), 12);
        expect(Math.min(...fallsOf(growths))).toBeCloseTo(maxDrawdownOfReturns(returns), 12);
      }),
    ));

  test('one return has no volatility, and a whole loss none of logarithms', () => {
    expect(annualVolatility([0.01])).toBeNull();
    expect(periodVolatility([0.01, -1])).toBeNull();
  });
});

describe('benchmarks', () => {
  const CLOSES = [
    { date: '2014-06-05', close: '100' },
    { date: '2014-06-06', close: '98' },
    { date: '2014-06-09', close: '50' },
  ];
  const ACTIONS = [
    { exDate: '2014-06-06', kind: 'DIVIDEND', value: '2' },
    { exDate: '2014-06-07', kind: 'SPLIT', value: '2' },
  ] as const;

  test('reinvest dividends on their ex-dates, gross or net, and count splits once', () => {
    const raw = sessionsOf(CLOSES, ACTIONS, 'raw');
    expect(raw).toMatchObject([{ dividend: '0' }, { dividend: '2', split: '1' }, { split: '2' }]);
    expect(reinvestedGrowth(raw, '0').at(-1)!.growth).toBeCloseTo(100 / 98, 12);
    expect(reinvestedGrowth(raw, '0.15').at(-1)!.growth).toBeCloseTo((0.997 * 100) / 98, 12);
    const adjusted = sessionsOf(CLOSES, ACTIONS, 'split+dividend');
    expect(reinvestedGrowth(adjusted, '0').at(-1)!.growth).toBeCloseTo(0.5, 12);
    expect(sessionsOf(CLOSES, ACTIONS, 'split').map(({ split }) => split)).toEqual(['1', '1', '1']);
  });

  test('in pounds are worth what a pound buys, on the dates that have a rate', () => {
    const points = reinvestedGrowth(sessionsOf(CLOSES, [], 'raw'), '0');
    const rates: Record<string, string> = { '2014-06-05': '1.6', '2014-06-09': '2' };
    const found = inBaseCurrency(points, (date) => rates[date] ?? null);
    expect(found.map(({ date, growth }) => [date, growth])).toEqual([
      ['2014-06-05', 1],
      ['2014-06-09', 0.4],
    ]);
  });

  test('of itself an account is neither better nor worse, with whatever deposits', () =>
    fc.assert(
      fc.property(dayReturns, fc.array(fc.tuple(amounts, amounts), { maxLength: 30 }), (returns, flows) => {
        const closes = closesOf(returns, flows);
        let growth = 1;
        const growths = new Map(
          closes.map(({ date }, index) => {
            if (index > 0) growth *= 1 + returns[index - 1]!;
            return [date, growth] as const;
          }),
        );
        const own = timeWeightedReturn(closes);
        expect(relativeReturn(own, growth - 1)).toBeCloseTo(0, 9);
        const same = sameDeposits(closes, (date) => growths.get(date) ?? null);
        for (const [index, { value }] of same.entries()) expect(value).toBeCloseTo(Number(closes[index]!.value), 4);
      }),
    ));

  test('carry nothing over a date without a close', () => {
    expect(() => sameDeposits(closesOf([0.1], []), () => null)).toThrow('must have a close');
  });

  test('are named for what they are', () => {
    expect(benchmarkName('SPY', 'total-return', '0', 'GBP')).toBe('SPY total return, dividends gross, GBP');
    expect(benchmarkName('SP500', 'price-index', '0.15', 'USD')).toBe('SP500 (PRICE INDEX, without dividends), USD');
  });
});

describe('contributions', () => {
  const money = fc.integer({ min: 0, max: 10_000_00 }).map((pence) => D(pence).div(100).toFixed());
  const symbol = fc.record({
    symbol: fc.string({ minLength: 1, maxLength: 4 }),
    start: money,
    end: money,
    bought: money,
    sold: money,
    dividends: money,
    fees: money,
  }) as fc.Arbitrary<SymbolPeriod>;

  test('and what is left of them are the whole, to the penny', () =>
    fc.assert(
      fc.property(fc.array(symbol), money, money, fc.array(money), (symbols, interest, fees, flows) => {
        const period = {
          from: '2014-01-01',
          to: '2014-12-31',
          start: '100000',
          end: '123456.78',
          flows: flows.map((amount, index) => ({ date: dateAt(1 + index), amount })),
        };
        const found = contributionsTo(period, symbols, { interest, fees });
        const parts = [...found.symbols, found.interest, found.fees, found.residual];
        expect(parts.reduce((sum, { gain }) => sum.plus(gain), D(0)).toFixed()).toBe(D(found.total.gain).toFixed());
        expect(parts.reduce((sum, { contribution }) => sum + contribution!, 0)).toBeCloseTo(modifiedDietz(period)!, 8);
        expect(found.total.contribution).toBe(modifiedDietz(period));
      }),
    ));

  test('weigh a flow by the days it was there; without capital there is no return', () => {
    const period = { from: '2014-01-01', to: '2014-01-11', start: '1000', end: '1600' };
    const half = { ...period, flows: [{ date: '2014-01-06', amount: '500' }] };
    expect(dietzParts(half).average.toNumber()).toBe(1250);
    expect(modifiedDietz(half)).toBeCloseTo(0.08, 12);
    expect(modifiedDietz({ ...period, start: '0', flows: [] })).toBeNull();
  });

  test('shares that became others are told under one name', () => {
    const entry = (entryId: number, kind: EntryKind, from: string, to: string): BookedEntry =>
      booked(entryId, kind, dateAt(entryId), [{ account: 'Assets:Units', commodity: to, amount: '1' }], from);
    const nameOf = namesTogether([entry(1, 'RENAME', 'FB', 'META'), entry(2, 'SPIN_OFF', 'XOM', 'XSPUN')]);
    expect(['FB', 'META', 'XOM', 'XSPUN', 'KO'].map(nameOf)).toEqual([
      'META',
      'META',
      'XOM + XSPUN',
      'XOM + XSPUN',
      'KO',
    ]);
  });
});

describe('currency', () => {
  const close = (index: number, value: string, foreign: string, rate: string | null, inflow = '0') => ({
    date: dateAt(index),
    value,
    inflow,
    outflow: '0',
    foreign,
    rate,
  });

  test('an account in one foreign share is the share and the rate', () => {
    // 160 dollars become 176; a pound buys 1.60, then 1.76.
    const split = currencySplit([close(0, '100', '100', '1.6'), close(1, '100', '100', '1.76')])!;
    expect(split.local).toBeCloseTo(0.1, 12);
    expect(split.currency).toBeCloseTo(1.6 / 1.76 - 1, 12);
  });

  test('both together are the whole, whatever flows', () =>
    fc.assert(
      fc.property(
        dayReturns,
        fc.array(fc.tuple(amounts, amounts), { maxLength: 30 }),
        fc.array(fc.double({ min: 1.2, max: 1.9, noNaN: true }), { minLength: 31, maxLength: 31 }),
        (returns, flows, rates) => {
          const closes = closesOf(returns, flows).map((each, index) => ({
            ...each,
            foreign: D(each.value).times(0.7).toFixed(),
            rate: String(rates[index]),
          }));
          const { local, currency } = currencySplit(closes)!;
          expect((1 + local) * (1 + currency) - 1).toBeCloseTo(timeWeightedReturn(closes), 9);
        },
      ),
      RUNS,
    ));

  test('is not known where a rate is not, and nothing where nothing is foreign', () => {
    expect(currencySplit([close(0, '100', '50', null), close(1, '110', '50', '1.6')])).toBeNull();
    expect(currencySplit([close(0, '100', '0', null), close(1, '110', '0', null)])!.currency).toBe(0);
  });
});

describe('the cost of hands', () => {
  const FILL = {
    side: 'BUY',
    units: '10',
    fillPrice: '101',
    executedValueBase: '637.00',
    referencePrice: '100',
    ticketRate: '1.6',
  } as const;

  test('a dearer purchase and a cheaper sale are both worse', () => {
    expect(slippageOf(FILL)).toEqual({ money: '6.25', bps: 100, of: '625' });
    expect(slippageOf({ ...FILL, side: 'SELL' })).toEqual({ money: '-6.25', bps: -100, of: '625' });
  });

  test('of the currency it is what was paid beyond the rate of the day', () => {
    expect(impliedRate(FILL)).toBe('1.585557');
    expect(currencyCostOf(FILL, '1.6')).toMatchObject({ money: '5.75', of: '631.25' });
    expect(currencyCostOf({ ...FILL, side: 'SELL' }, '1.6').money).toBe('-5.75');
    expect(impliedRate({ ...FILL, executedValueBase: '0' })).toBeNull();
  });

  test('half a penny goes to the even one, whatever a float makes of it', () => {
    const of = (fillPrice: string) => slippageOf({ ...FILL, units: '1', ticketRate: '1', fillPrice }).money;
    expect([of('100.125'), of('100.135'), of('99.875'), of('100.005')]).toEqual(['0.12', '0.14', '-0.12', '0']);
  });

  test('several are weighed by what they are measured against', () => {
    const costs = [slippageOf(FILL), slippageOf({ ...FILL, units: '30', fillPrice: '100' })];
    expect(costsTogether(costs)).toEqual({ money: '6.25', bps: 25, of: '2500' });
    expect(costsTogether([])).toEqual({ money: '0', bps: 0, of: '0' });
  });

  test('what was not bought and rose was missed; what was not sold and rose was kept', () => {
    expect(missedBy('BUY', '1000', 1.1)).toBe('100');
    expect(missedBy('SELL', '1000', 1.1)).toBe('-100');
  });
});

/** An entry as the journal holds it, booked on its own date where nothing else is said. */
const booked = (
  entryId: number,
  kind: EntryKind,
  effectiveDate: string,
  postings: Posting[],
  symbol: string | null = null,
  reversesEntryId: number | null = null,
): BookedEntry => ({
  entryId,
  kind,
  effectiveDate,
  postings,
  symbol,
  reversesEntryId,
  bookedAt: `${effectiveDate}T12:00:00.000Z`,
  description: kind,
  ticketId: null,
  confirmationId: null,
  idempotencyKey: String(entryId),
  operator: 'ann',
});

const cash = (amount: string): Posting[] => [
  { account: 'Assets:Cash', commodity: 'GBP', amount },
  { account: 'Equity:Transfers', commodity: 'GBP', amount: D(amount).neg().toFixed() },
];

describe('closes and the journal', () => {
  const stored = (
    index: number,
    equity: string,
    lastEntryId: number,
    changes: Partial<StoredClose> = {},
  ): StoredClose => ({
    asOfDate: dateAt(index),
    equity,
    cash: equity,
    positionsValue: '0',
    netFlows: '0',
    fxRate: null,
    lastEntryId,
    published: equity,
    restatedBecause: null,
    ...changes,
  });
  const THREE = [stored(0, '1000', 1), stored(1, '1000', 1), stored(2, '1500', 2)];
  const OPENING = booked(1, 'OPENING', dateAt(0), cash('1000'));
  const closesOfJournal = (closes: StoredClose[], entries: BookedEntry[]) =>
    attributedCloses(closes, entries, {
      baseCurrency: 'GBP',
      isForeign: false,
      unitValue: (symbol) => (symbol === 'KO' ? D('12') : null),
    });

  test('what is booked on its day is a flow of its close, and the opening is the start', () => {
    const { closes } = closesOfJournal(THREE, [OPENING, booked(2, 'DEPOSIT', dateAt(2), cash('500'))]);
    expect(closes.map(({ value, inflow, restated }) => [value, inflow, restated])).toEqual([
      ['1000', '1000', null],
      ['1000', '0', null],
      ['1500', '500', null],
    ]);
    expect(timeWeightedReturn(closes)).toBe(0);
  });

  test('what is booked late restates the closes between', () => {
    const { closes } = closesOfJournal(THREE, [OPENING, booked(2, 'DEPOSIT', dateAt(1), cash('500'))]);
    expect(closes.map(({ value, inflow }) => [value, inflow])).toEqual([
      ['1000', '1000'],
      ['1500', '500'],
      ['1500', '0'],
    ]);
    expect(closes[1]!.restated).toEqual({
      published: '1000',
      because: `entry 2 of ${dateAt(1)} was booked after it: DEPOSIT`,
    });
    expect(closes[2]!.restated).toBeNull();
  });

  test('a weekend is no close: what came on it is of the next, on its own date', () => {
    const apart = [stored(0, '1000', 1), stored(3, '1500', 2)];
    const { closes } = closesOfJournal(apart, [OPENING, booked(2, 'DEPOSIT', dateAt(2), cash('500'))]);
    expect(closes[1]).toMatchObject({ inflow: '500', restated: null, moves: [{ date: dateAt(2), amount: '500' }] });
  });

  test('a deposit and what took it back are none where one close has both, and both where two have', () => {
    const deposit = booked(2, 'DEPOSIT', dateAt(1), cash('500'));
    const back = booked(3, 'REVERSAL', dateAt(1), cash('-500'), null, 2);
    const together = closesOfJournal([stored(0, '1000', 1), stored(1, '1000', 3)], [OPENING, deposit, back]);
    expect(together.closes[1]).toMatchObject({ inflow: '0', outflow: '0', restated: null });
    const later = closesOfJournal(
      [stored(0, '1000', 1), stored(1, '1500', 2), stored(2, '1000', 3)],
      [OPENING, deposit, back],
    );
    expect(later.closes.map(({ value, inflow, outflow }) => [value, inflow, outflow])).toEqual([
      ['1000', '1000', '0'],
      ['1000', '0', '0'],
      ['1000', '0', '0'],
    ]);
    expect(later.closes[1]!.restated?.published).toBe('1500');
  });

  test('a fill that is confirmed late is worth the close of the day; one without a price stays where it was said', () => {
    const buy = (symbol: string) =>
      booked(2, 'FILL', dateAt(1), [
        { account: 'Assets:Units', commodity: symbol, amount: '10' },
        { account: 'Equity:Trading', commodity: symbol, amount: '-10' },
        { account: 'Assets:Cash', commodity: 'GBP', amount: '-100' },
        { account: 'Equity:Trading', commodity: 'GBP', amount: '100' },
      ]);
    const closes = [stored(0, '1000', 1), stored(1, '1000', 1), stored(2, '1025', 2)];
    expect(unitValuesNeeded(closes, [OPENING, buy('KO')])).toEqual([{ symbol: 'KO', date: dateAt(1) }]);
    const known = closesOfJournal(closes, [OPENING, buy('KO')]).closes;
    expect(known[1]).toMatchObject({ value: '1020', cash: '900', positions: '120', inflow: '0' });
    expect(closesOfJournal(closes, [OPENING, buy('XX')]).closes[1]).toMatchObject({ value: '1000', restated: null });
  });

  test('units that were set right are worth what the valuation said, and no gain', () => {
    const baseline = booked(2, 'BASELINE', dateAt(1), [
      { account: 'Assets:Units', commodity: 'KO', amount: '10' },
      { account: 'Equity:Opening', commodity: 'KO', amount: '-10' },
    ]);
    const closes = [stored(0, '1000', 1), stored(1, '1120', 2, { netFlows: '120', positionsValue: '120' })];
    const found = closesOfJournal(closes, [OPENING, baseline]).closes[1];
    expect(found).toMatchObject({ inflow: '120', moves: [{ kind: 'set-right', amount: '120' }] });
  });

  test('what a later run or a correction said otherwise is told with what was said first', () => {
    const said = [stored(0, '1000', 1), stored(1, '990', 1, { published: '1000', restatedBecause: 'a price' })];
    expect(closesOfJournal(said, [OPENING]).closes[1]!.restated).toEqual({ published: '1000', because: 'a price' });
  });
});

describe('periods', () => {
  const DATES = ['2013-12-31', '2014-01-02', '2014-02-28', '2014-03-31'];
  const none = { range: null, from: null, to: null };
  test.each([
    [
      { ...none, range: 'all' as const },
      { first: 0, last: 3 },
    ],
    [
      { ...none, range: 'ytd' as const },
      { first: 0, last: 3 },
    ],
    [
      { ...none, range: '1m' as const },
      { first: 2, last: 3 },
    ],
    [
      { ...none, range: '3m' as const },
      { first: 0, last: 3 },
    ],
    [
      { ...none, from: '2014-02-01' },
      { first: 1, last: 3 },
    ],
    [
      { ...none, from: '2001-01-01', to: '2014-03-30' },
      { first: 0, last: 2 },
    ],
    [{ ...none, to: '2013-12-31' }, null],
    [{ ...none, from: '2014-03-31' }, null],
  ])('%j', (asked, places) => expect(placesOf(DATES, asked)).toEqual(places));

  test('of nothing is none', () => expect(placesOf([], { ...none, range: 'all' })).toBeNull());

  test('a session without a close is missing before the next one', () => {
    expect(missingSessions(['a', 'c', 'e'], ['a', 'b', 'c', 'd1', 'd2', 'e'])).toEqual([[], ['b'], ['d1', 'd2']]);
  });

  test('months end where they end', () => {
    expect(monthEnd('2016-02-03')).toBe('2016-02-29');
    expect(monthEnd('2015-12-31', 2)).toBe('2016-02-29');
  });
});

describe('what is asked for', () => {
  test.each([
    [{ range: '2y' }, 'range: "2y": must be one of 1m, 3m, ytd, 1y, all'],
    [{ range: '1y', from: '2014-01-02' }, 'range: "1y": must be left out where from or to is given'],
    [{ from: '2014-02-30' }, 'from: "2014-02-30": must be a date that exists, YYYY-MM-DD'],
    [{ from: '2014-03-01', to: '2014-02-01' }, 'to: "2014-02-01": must be after from'],
    [{ withholding: '2' }, 'withholding: "2": must be a fraction from 0 to 0.5, such as 0.15'],
    [{ benchmark: 'spy' }, 'benchmark: "spy": must be a symbol in capital letters, such as AAPL or BRK.B'],
  ])('%j is refused', (sent, message) => {
    const reading = read(readPerformanceSchema, sent);
    expect(reading.ok ? null : reading.refusal.message).toBe(message);
  });

  test('nothing asked is everything, and an empty field asks nothing', () => {
    const nothing = { range: 'all', from: null, to: null, benchmark: null, withholding: null };
    expect(readPerformanceSchema.parse({})).toEqual(nothing);
    expect(readPerformanceSchema.parse({ from: '', to: '', benchmark: '', withholding: '' })).toEqual(nothing);
    expect(readPerformanceSchema.parse({ from: '2014-01-02' }).range).toBeNull();
  });
});
