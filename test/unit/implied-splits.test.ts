import { describe, expect, it } from 'vitest';
import { impliedSplits } from '../../src/domain/ledger/implied-splits.js';

const restated = (factor: string) => [{ symbol: 'NVDA', factor, through: '2021-07-19' }];
const split = (ratio: string) => [{ symbol: 'NVDA', exDate: '2021-07-20', ratio }];

describe('a split that an adjusted series shows and nobody tells of', () => {
  it('is one by a ratio that companies choose, of the session after the newest that was divided', () => {
    expect(impliedSplits(restated('4.00003'), [])).toEqual(split('4'));
    expect(impliedSplits(restated('1.4999'), [])).toEqual(split('1.5'));
    expect(impliedSplits(restated('0.12501'), [])).toEqual(split('0.125'));
  });

  it('is none by the factor of a spin-off or of a large dividend', () => {
    for (const factor of ['1.0701', '1.122', '1.4211', '1.52', '0.955', '2.01'])
      expect(impliedSplits(restated(factor), []), factor).toEqual([]);
  });

  it('is that which somebody told of, a little before or at any time after, and of the same symbol', () => {
    const told = (exDate: string, symbol = 'NVDA') => [{ symbol, exDate }];
    expect(impliedSplits(restated('4'), told('2021-07-20'))).toEqual([]);
    expect(impliedSplits(restated('4'), told('2021-07-12'))).toEqual([]);
    expect(impliedSplits(restated('4'), told('2021-08-31'))).toEqual([]);
    expect(impliedSplits(restated('4'), told('2021-05-20'))).toEqual(split('4'));
    expect(impliedSplits(restated('4'), told('2021-07-20', 'AMD'))).toEqual(split('4'));
  });
});
