import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { detectHolds, effectiveActions, settledActions } from '../../src/domain/market/index.js';
import { cleanRatio, wholeRatio } from '../../src/domain/market/ratio.js';
import type { ActionRuling, CorporateAction } from '../../src/domain/types.js';
import { closesOf, dividend, ruled, split } from './quality.fixture.js';

const limits = { max_dividend_fraction: 0.06, max_jump: 0.35 };

/** Holds among one symbol's actions, as `kind value`, with real closes around them. */
function held(closes: string, actions: CorporateAction[], rulings: ActionRuling[] = []): string[] {
  const symbol = actions[0]?.symbol ?? '';
  const holds = detectHolds([{ symbol, bars: closesOf(symbol, closes) }], actions, rulings, limits, 'raw');
  return holds.map(({ action }) => `${action.kind} ${action.value}`);
}

describe('cleanRatio', () => {
  it.each([
    ['7.00000700001', '7'],
    ['3.000003', '3'],
    ['1.49999925', '1.5'],
    ['10.0', '10'],
    ['4', '4'],
    ['0.25', '0.25'],
    ['50', '50'],
    ['1.25', '1.25'],
  ])('takes %s for %s', (published, ratio) => {
    expect(cleanRatio(published)).toBe(ratio);
  });

  it('carries a third far enough that three shares become one', () => {
    expect(cleanRatio('0.333333333333').slice(0, 20)).toBe('0.333333333333333333');
    expect(wholeRatio('0.333333')).toEqual({ numerator: 1, denominator: 3 });
  });

  it.each(['1.122', '0.955000382', '1.237', '1.017', '7.01', '2.0001'])(
    'leaves %s as it is: no whole ratio',
    (published) => {
      expect(wholeRatio(published)).toBeNull();
      expect(cleanRatio(published)).toBe(published);
    },
  );

  it("finds the ratio again under a provider's noise", () => {
    const ratio = fc.oneof(
      fc.integer({ min: 2, max: 100 }).map((n) => [n, 1] as const),
      fc.integer({ min: 2, max: 100 }).map((n) => [1, n] as const),
    );
    fc.assert(
      fc.property(ratio, fc.double({ min: -5e-6, max: 5e-6, noNaN: true }), ([numerator, denominator], noise) => {
        expect(wholeRatio(((numerator / denominator) * (1 + noise)).toFixed(14))).toEqual({ numerator, denominator });
      }),
    );
  });
});

describe('detectHolds', () => {
  it.each([
    [
      'GOOGL 2014: class C shares written as cash',
      '2014-04-02 1135.1\n2014-04-03 571.5',
      [dividend('GOOGL', '2014-04-03', '567.9717')],
      ['DIVIDEND 567.9717'],
    ],
    [
      'EBAY 2015: PayPal spun off',
      '2015-07-17 66.29\n2015-07-20 28.57',
      [dividend('EBAY', '2015-07-20', '38.39')],
      ['DIVIDEND 38.39'],
    ],
    [
      'KLAC 2014: a genuine special dividend, which only a human can tell',
      '2014-11-25 84.18\n2014-11-26 67.335',
      [dividend('KLAC', '2014-11-26', '16.5')],
      ['DIVIDEND 16.5'],
    ],
    [
      'JCI 2016: a merger written as a split',
      '2016-09-02 45.59\n2016-09-06 48.9',
      [split('JCI', '2016-09-06', '0.955000382')],
      ['SPLIT 0.955000382'],
    ],
    [
      'VNO 2017: a spin-off written as a split',
      '2017-07-17 97.03\n2017-07-18 77.59',
      [split('VNO', '2017-07-18', '1.237')],
      ['SPLIT 1.237'],
    ],
    [
      'MET 2017: one spin-off written twice',
      '2017-08-04 53.92\n2017-08-07 48.53',
      [split('MET', '2017-08-07', '1.122'), dividend('MET', '2017-08-07', '5.87')],
      ['SPLIT 1.122', 'DIVIDEND 5.87'],
    ],
    [
      'LDOS 2013: a reverse split and a spin-off on one day',
      '2013-09-27 16.03\n2013-09-30 45.52',
      [split('LDOS', '2013-09-30', '0.25'), dividend('LDOS', '2013-09-30', '21.3549')],
      ['SPLIT 0.25', 'DIVIDEND 21.3549'],
    ],
  ])('holds %s', (_, closes, actions, expected) => {
    expect(held(closes, actions)).toEqual(expected);
  });

  it.each([
    ['AAPL 2014, 7:1 with noise', '2014-06-06 645.57\n2014-06-09 93.7', [split('AAPL', '2014-06-09', '7.00000700001')]],
    ['MA 2014, 10:1', '2014-01-21 818.48\n2014-01-22 83.3', [split('MA', '2014-01-22', '10.0')]],
    ['V 2015, 4:1', '2015-03-18 267.67\n2015-03-19 66.81', [split('V', '2015-03-19', '4.0')]],
    ['BEN 2013, 3:1 with noise', '2013-07-25 143.95\n2013-07-26 48.66', [split('BEN', '2013-07-26', '3.000003')]],
    ['HWM 2016, 1:3', '2016-10-05 10.4\n2016-10-06 31.78', [split('HWM', '2016-10-06', '0.333333333333')]],
    [
      'AAPL 2014, an ordinary dividend',
      '2014-05-07 592.33\n2014-05-08 587.99',
      [dividend('AAPL', '2014-05-08', '3.29')],
    ],
    [
      'a dividend nobody can judge, for lack of a close before it',
      '2014-05-08 587.99',
      [dividend('AAPL', '2014-05-08', '329')],
    ],
  ])('passes %s', (_, closes, actions) => {
    expect(held(closes, actions)).toEqual([]);
  });

  it('holds a split that the closes do not show, or show the other way round', () => {
    expect(held('2014-06-06 93.2\n2014-06-09 93.7', [split('AAPL', '2014-06-09', '7')])).toEqual(['SPLIT 7']);
    expect(held('2014-06-06 93.2\n2014-06-09 93.7', [split('AAPL', '2014-06-09', '1.25')])).toEqual(['SPLIT 1.25']);
    expect(held('2016-10-05 31.2\n2016-10-06 10.4', [split('HWM', '2016-10-06', '0.333333333333')])).toEqual([
      'SPLIT 0.333333333333',
    ]);
  });

  it('does not look for the split in closes that already contain it', () => {
    const bars = closesOf('AAPL', '2014-06-06 92.22\n2014-06-09 93.7');
    expect(detectHolds([{ symbol: 'AAPL', bars }], [split('AAPL', '2014-06-09', '7')], [], limits, 'split')).toEqual(
      [],
    );
  });

  it('measures a dividend on the day of a split in new shares', () => {
    const closes = '2014-01-03 100\n2014-01-06 50';
    expect(held(closes, [split('X', '2014-01-06', '2'), dividend('X', '2014-01-06', '2.9')])).toEqual([]);
    expect(held(closes, [split('X', '2014-01-06', '2'), dividend('X', '2014-01-06', '3.1')])).toEqual([
      'SPLIT 2',
      'DIVIDEND 3.1',
    ]);
  });

  it('says why, with the figures', () => {
    const [hold] = detectHolds(
      [{ symbol: 'GOOGL', bars: closesOf('GOOGL', '2014-04-02 1135.1\n2014-04-03 571.5') }],
      [dividend('GOOGL', '2014-04-03', '567.9717')],
      [],
      limits,
      'raw',
    );
    expect(hold?.why).toBe(
      'a dividend of 567.9717 is 50.0 % of the close before it, 1135.1; above 6.0 % it may be a spin-off or a share distribution',
    );
    expect(hold?.evidence).toEqual({ value: '567.9717', closeBefore: 1135.1, fraction: 0.500372, limit: 0.06 });
  });

  it('lets go of what a human has ruled on, and of nothing else', () => {
    const [one, two] = [split('MET', '2017-08-07', '1.122'), dividend('MET', '2017-08-07', '5.87')];
    const closes = '2017-08-04 53.92\n2017-08-07 48.53';
    expect(held(closes, [one, two], [ruled(one, 'ignore', null)])).toEqual(['DIVIDEND 5.87']);
    expect(held(closes, [one, two], [ruled(one, 'ignore', null), ruled(two, 'cash_dividend', '5.87')])).toEqual([]);
    expect(held(closes, [one, two], [{ ...ruled(one, 'ignore', null), exDate: '2017-08-08' }])).toEqual([
      'SPLIT 1.122',
      'DIVIDEND 5.87',
    ]);
  });
});

describe('effectiveActions', () => {
  const distribution = dividend('GOOGL', '2014-04-03', '567.9717');

  it('takes the noise out of ratios and leaves dividends alone', () => {
    expect(
      effectiveActions([split('AAPL', '2014-06-09', '7.00000700001'), dividend('AAPL', '2014-05-08', '3.29')], []).map(
        ({ value }) => value,
      ),
    ).toEqual(['7', '3.29']);
  });

  it('makes of an action what a human ruled: a split, another dividend, nothing', () => {
    expect(effectiveActions([distribution], [ruled(distribution, 'split', '1.998')])).toEqual([
      { ...distribution, kind: 'SPLIT', value: '1.998' },
    ]);
    expect(effectiveActions([distribution], [ruled(distribution, 'cash_dividend', '0.5')])).toEqual([
      { ...distribution, value: '0.5' },
    ]);
    expect(effectiveActions([distribution], [ruled(distribution, 'ignore', null)])).toEqual([]);
  });

  it('takes the newest of several rulings', () => {
    expect(
      effectiveActions([distribution], [ruled(distribution, 'ignore', null), ruled(distribution, 'split', '2')]),
    ).toMatchObject([{ kind: 'SPLIT', value: '2' }]);
  });

  it('counts a split that a human ruled on though nobody published it', () => {
    expect(effectiveActions([], [ruled(split('V', '2015-03-19', '4'), 'split', '4')])).toMatchObject([
      { symbol: 'V', kind: 'SPLIT', value: '4', source: 'ruling' },
    ]);
    expect(effectiveActions([], [ruled(split('AMD', '2016-04-22', '1'), 'ignore', null)])).toEqual([]);
  });

  it('counts an action once, as last published', () => {
    expect(
      effectiveActions([dividend('KO', '2013-06-12', '0.27'), dividend('KO', '2013-06-12', '0.28')], []).map(
        ({ value }) => value,
      ),
    ).toEqual(['0.28']);
  });
});

describe('settledActions', () => {
  it('leaves out what is held, for it may not be booked', () => {
    const actions = [dividend('GOOGL', '2014-04-03', '567.9717'), split('AAPL', '2014-06-09', '7.00000700001')];
    const holds = detectHolds(
      [{ symbol: 'GOOGL', bars: closesOf('GOOGL', '2014-04-02 1135.1\n2014-04-03 571.5') }],
      actions,
      [],
      limits,
      'raw',
    );
    expect(settledActions(actions, [], holds)).toEqual([split('AAPL', '2014-06-09', '7')]);
  });
});
