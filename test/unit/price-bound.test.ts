import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareDecimals, verdictOf } from '../../src/desk/browser/price-bound.js';
import { isBeyondSkip } from '../../src/domain/confirmation/deviations.js';
import { D } from '../../src/domain/money.js';

/** Plain decimals as people type them, with zeros in front and behind, near one another as often as not. */
const digits = (max: number) => fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: 1, maxLength: max });
const decimal = fc.oneof(
  digits(9),
  fc.tuple(digits(5), digits(10)).map(([whole, fraction]) => `${whole}.${fraction}`),
  fc
    .tuple(fc.integer({ min: 17800, max: 17900 }), digits(3))
    .map(([cents, more]) => `${cents / 100}${cents % 10 ? more : ''}`),
);

describe('the price bound that the browser tells at once', () => {
  it('is the one of the booking, on ten thousand pairs of decimals', () => {
    const seen = { GO: 0, SKIP: 0 };
    fc.assert(
      fc.property(decimal, decimal, fc.constantFrom('BUY' as const, 'SELL' as const), (price, skipPrice, side) => {
        fc.pre(!D(price).isZero());
        const verdict = verdictOf(side, price, skipPrice);
        expect(verdict).toBe(isBeyondSkip({ side, skipPrice }, price) ? 'SKIP' : 'GO');
        if (verdict) seen[verdict]++;
        expect(Math.sign(compareDecimals(price, skipPrice) ?? NaN)).toBe(D(price).cmp(D(skipPrice)));
      }),
      { numRuns: 10_000 },
    );
    expect(Math.min(seen.GO, seen.SKIP)).toBeGreaterThan(2_000);
  });

  it('is GO at exactly the skip price, however it is written, on both sides', () => {
    for (const side of ['BUY', 'SELL'] as const)
      for (const price of ['178.91', '0178.910', ' 178.91000 ']) expect(verdictOf(side, price, '178.91')).toBe('GO');
    expect(verdictOf('BUY', '178.910000000000000001', '178.91')).toBe('SKIP');
    expect(verdictOf('SELL', '178.909999999999999999', '178.91')).toBe('SKIP');
    expect(verdictOf('BUY', '9.9', '10')).toBe('GO');
  });

  it('is none of what is no price', () => {
    for (const price of ['', '1,5', '-1', '1e3', '.5', '5.', '0', '0.00', 'NaN', '１'])
      expect(verdictOf('BUY', price, '178.91')).toBe(null);
  });
});
