import { describe, expect, test } from 'vitest';
import { annualised } from '../../src/domain/performance/annual.js';
import { maxDrawdown, maxDrawdownOfReturns } from '../../src/domain/performance/drawdown.js';
import { annualVolatility, periodVolatility, semiDeviation } from '../../src/domain/performance/risk.js';
import { dayReturn, timeWeightedReturn, type FlowTiming, type ValuedClose } from '../../src/domain/performance/twr.js';
import { xirr, type DatedFlow } from '../../src/domain/performance/xirr.js';

/*
 * Known answers of others (a spreadsheet's help, Portfolio Performance, nodejs-xirr, empyrical, pyfolio), to their
 * printed digits.
 */

const flowsOf = (...flows: [string, number][]): DatedFlow[] => flows.map(([date, amount]) => ({ date, amount }));

describe('money-weighted returns', () => {
  test.each<[string, number, [string, number][]]>([
    [
      "the spreadsheet's own example",
      0.373362534,
      [
        ['2008-01-01', -10000],
        ['2008-03-01', 2750],
        ['2008-10-30', 4250],
        ['2009-02-15', 3250],
        ['2009-04-01', 2750],
      ],
    ],
    [
      'a year less a day',
      0.05014075,
      [
        ['2010-01-01', -200],
        ['2010-12-31', 210],
      ],
    ],
    [
      'ten slow years',
      0.144438989,
      [
        ['2002-11-30', -4398],
        ['2007-06-11', 200],
        ['2008-05-11', 270],
        ['2009-05-01', 280],
        ['2010-06-01', 280],
        ['2011-05-02', 300],
        ['2012-04-30', 330],
        ['2012-12-06', 14508],
      ],
    ],
    [
      'four quarters',
      0.121267649,
      [
        ['2010-01-01', -1000],
        ['2010-04-01', -1000],
        ['2010-07-01', -1000],
        ['2010-10-01', -1000],
        ['2011-01-01', 4300],
      ],
    ],
    [
      'a tenth lost in a year',
      -0.1,
      [
        ['2010-01-01', -1000],
        ['2011-01-01', 900],
      ],
    ],
    [
      'everything lost',
      -1,
      [
        ['2010-01-01', -1000],
        ['2011-01-01', 0],
      ],
    ],
    [
      'a fifth lost in thirteen days',
      -0.999105915,
      [
        ['2020-03-04', -713.07],
        ['2020-03-17', 555.33],
      ],
    ],
    [
      'bought once',
      0.088467687,
      [
        ['2021-01-15', -155],
        ['2023-06-12', 190.06],
      ],
    ],
    [
      'bought three times',
      0.156020196,
      [
        ['2021-01-15', -155],
        ['2022-01-14', -84],
        ['2022-09-30', -67],
        ['2023-06-12', 396.85],
      ],
    ],
  ])('%s', (_name, rate, flows) => {
    const found = xirr(flowsOf(...flows));
    expect(found.roots).toBe('one');
    expect(found.rates[0]).toBeCloseTo(rate, 8);
  });

  test('two rates are two, and none is none', () => {
    const two = xirr(flowsOf(['2020-01-01', -1000], ['2021-01-01', 2500], ['2022-01-01', -1540]));
    expect(two.roots).toBe('several');
    expect(two.rates[0]).toBeCloseTo(0.10106997, 8);
    expect(two.rates[1]).toBeCloseTo(0.39398201, 8);
    expect(xirr(flowsOf(['2020-01-01', -1000], ['2021-01-01', 1500], ['2022-01-01', -1000]))).toEqual({
      roots: 'none',
      rates: [],
    });
  });

  test('the order in which flows are told, and in how many parts, says nothing', () => {
    const told = flowsOf(['2023-06-12', 200], ['2021-01-15', -155], ['2023-06-12', 196.85], ['2022-01-14', -84]);
    const sorted = flowsOf(['2021-01-15', -155], ['2022-01-14', -84], ['2023-06-12', 396.85]);
    expect(xirr(told)).toEqual(xirr(sorted));
  });

  test('a rate that is only touched is one, beside which none lies', () => {
    const { roots, rates } = xirr(flowsOf(['2021-01-01', -1000], ['2022-01-01', 2200], ['2023-01-01', -1210]));
    expect(roots).toBe('one');
    expect(rates[0]).toBeCloseTo(0.1, 6);
  });

  test('two rates beside each other, between two points of the scan, are found both', () => {
    // (x − 1.100)(x − 1.101), in thousands.
    const { rates } = xirr(flowsOf(['2021-01-01', -1e6], ['2022-01-01', 2_201_000], ['2023-01-01', -1_211_100]));
    expect(rates.map((rate) => rate.toFixed(6))).toEqual(['0.100000', '0.101000']);
  });

  test('what comes to all but nothing within a day is -100 % a year, and no gap of the scan', () => {
    expect(xirr(flowsOf(['2021-01-01', -1000], ['2021-01-02', 500]))).toEqual({ roots: 'one', rates: [-1] });
  });

  test('nothing paid in, nothing paid back, or all on one day has no rate', () => {
    for (const flows of [[], flowsOf(['2021-01-01', -5]), flowsOf(['2021-01-01', -5], ['2021-01-01', 6])])
      expect(xirr(flows).roots).toBe('none');
  });
});

/** Closes of values, each with what came in (above 0) or went out (below 0) since the one before. */
const closesOf = (...closes: (readonly [value: number, flow?: number])[]): ValuedClose[] =>
  closes.map(([value, flow = 0], index) => ({
    date: `2020-01-${String(index + 1).padStart(2, '0')}`,
    value: String(value),
    inflow: String(Math.max(0, flow)),
    outflow: String(Math.max(0, -flow)),
  }));

describe('time-weighted returns', () => {
  test('deposits before a close that was valued before them', () => {
    const closes = closesOf([177.94], [160.26], [244.26, 84], [264.57], [331.57, 67], [426.82]);
    expect(timeWeightedReturn(closes)).toBeCloseTo(0.25576776, 9);
  });

  test('a deposit of 9 on a day from 100 to 110 is 1 % at its end and 0.917 % at its start', () => {
    const day = closesOf([110, 9])[0]!;
    expect(dayReturn('100', day, 'all-at-end')).toBeCloseTo(0.01, 12);
    expect(dayReturn('100', day)).toBeCloseTo(0.00917431, 8);
    expect(timeWeightedReturn(closesOf([100], [110, 9], [120.1, 9]), 'all-at-end')).toBeCloseTo(0.0201, 12);
  });

  const EIGHT = closesOf(
    [10000],
    [10230],
    [10630, 200],
    [9995.59, -400],
    [10289.58],
    [10583.57],
    [16179.56, 5400],
    [11600, -3697.04],
    [10596.15],
  );

  test.each<[FlowTiming, number[], number]>([
    ['all-at-end', [0.0195503, -0.0220517, 0.0185183, -0.0545454], -0.05],
    ['in-at-start-out-at-end', [0.0191755, -0.0220517, 0.012262, -0.0545454], -0.0561827],
    ['all-at-start', [0.0191755, -0.022914, 0.012262, -0.0707005], -0.0731277],
  ])('eight days with flows, %s', (timing, [second, third, sixth, seventh], total) => {
    const returns = EIGHT.slice(1).map((close, index) => dayReturn(EIGHT[index]!.value, close, timing));
    const expected = [0.023, second, third, 0.029412, 0.0285716, sixth, seventh, -0.0865388];
    for (const [index, value] of expected.entries()) expect(returns[index]).toBeCloseTo(value!, 6);
    expect(timeWeightedReturn(EIGHT, timing)).toBeCloseTo(total, 7);
  });

  test('a deposit on the last day is neutral', () => {
    const closes = closesOf([10000], [11000], [21000, 10000]);
    for (const timing of ['all-at-end', 'in-at-start-out-at-end'] as const)
      expect(timeWeightedReturn(closes, timing)).toBeCloseTo(0.1, 12);
    expect(dayReturn('11000', closes[2]!)).toBe(0);
  });

  test('nothing is earned on nothing, and a whole loss is one', () => {
    expect(dayReturn('0', closesOf([5])[0]!)).toBeNull();
    expect(dayReturn('0.009', closesOf([100])[0]!)).toBeNull();
    expect(dayReturn('0', closesOf([105, 100])[0]!)).toBeCloseTo(0.05, 12);
    expect(timeWeightedReturn(closesOf([0], [5], [5.5]))).toBeCloseTo(0.1, 12);
    expect(timeWeightedReturn(closesOf([100], [0], [50, 50], [60]))).toBe(-1);
  });
});

const percents = (...values: number[]) => values.map((value) => value / 100);
const MIXED = percents(1, 10, -4, 2, 3, 2, 1, -10);
const NEGATIVE = percents(0, -6, -7, -1, -9, -2, -6, -8, -5);

describe('risk', () => {
  test("the period's volatility and semi-deviation, of logarithms", () => {
    const returns = [0.005, -1 / 300, -0.005, 0.01, 0.01, -0.005];
    expect(periodVolatility(returns)).toBeCloseTo(0.017736692475, 12);
    expect(semiDeviation(returns)).toBeCloseTo(0.012188677034, 12);
  });

  test('returns up and down', () => {
    expect(maxDrawdownOfReturns(MIXED)).toBeCloseTo(-0.1, 12);
    const total = MIXED.reduce((growth, each) => growth * (1 + each), 1) - 1;
    expect(total).toBeCloseTo(0.03893, 5);
    expect(annualVolatility(MIXED)).toBeCloseTo(0.9136465399704637, 12);
    expect(annualised(total, 9, 252)).toBeCloseTo(1.9135925373, 10);
    expect(annualised(total, 8, 252)).toBeCloseTo(2.3302927973, 10);
  });

  test('returns that only fall: the starting point is a peak', () => {
    expect(maxDrawdownOfReturns(NEGATIVE)).toBeCloseTo(-0.365907303, 9);
    expect(annualVolatility(NEGATIVE)).toBeCloseTo(0.5047771786, 10);
    const fromTheFirst = [-0.02, ...NEGATIVE.slice(1)];
    expect(maxDrawdownOfReturns(fromTheFirst)).toBeCloseTo(-0.378589157, 9);
    expect(maxDrawdownOfReturns([-0.1, -0.166667])).toBeCloseTo(-0.25, 6);
  });

  test('values need no guess where they began', () => {
    expect(maxDrawdown([5000, 5100, 4900, 5200, 4800, 5050])).toBeCloseTo(-0.076923, 6);
    expect(maxDrawdown([])).toBe(0);
    expect(maxDrawdown([1, 2, 3])).toBe(0);
  });
});
