import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareDecimals, farFrom, verdictOf, type Bounds } from '../../src/desk/browser/price-bound.js';
import { farFromReference, isBeyondSkip } from '../../src/domain/confirmation/deviations.js';
import type { FillsTicket } from '../../src/domain/confirmation/ticket.js';
import { D, toText } from '../../src/domain/money.js';
import type { TicketLine } from '../../src/domain/types.js';
import { priceSeen } from '../../src/operations/day/price-seen.js';
import { ticketFacts } from './artifacts.fixture.js';

/** Plain decimals as people type them, with zeros in front and behind, near one another as often as not. */
const digits = (max: number) => fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: 1, maxLength: max });
const decimal = fc.oneof(
  digits(9),
  fc.tuple(digits(5), digits(10)).map(([whole, fraction]) => `${whole}.${fraction}`),
  fc
    .tuple(fc.integer({ min: 17800, max: 17900 }), digits(3))
    .map(([cents, more]) => `${cents / 100}${cents % 10 ? more : ''}`),
);
const side = fc.constantFrom('BUY' as const, 'SELL' as const);

/** Bounds of which the close alone is left out of account. */
const skipOf = (of: 'BUY' | 'SELL', skip: string): Bounds => ({ side: of, skip, reference: '1', limit: '1e99' });

describe('the price bound that the browser tells at once', () => {
  it('is the one of the booking, on ten thousand pairs of decimals', () => {
    const seen = { GO: 0, SKIP: 0, LOOK: 0 };
    fc.assert(
      fc.property(decimal, decimal, side, (price, skipPrice, of) => {
        fc.pre(!D(price).isZero());
        const verdict = verdictOf(price, skipOf(of, skipPrice));
        expect(verdict).toBe(isBeyondSkip({ side: of, skipPrice }, price) ? 'SKIP' : 'GO');
        if (verdict) seen[verdict]++;
        expect(Math.sign(compareDecimals(price, skipPrice) ?? NaN)).toBe(D(price).cmp(D(skipPrice)));
      }),
      { numRuns: 10_000 },
    );
    expect(Math.min(seen.GO, seen.SKIP)).toBeGreaterThan(2_000);
  });

  it('is GO at exactly the skip price, however it is written, on both sides', () => {
    for (const of of ['BUY', 'SELL'] as const)
      for (const price of ['178.91', '0178.910', ' 178.91000 '])
        expect(verdictOf(price, skipOf(of, '178.91'))).toBe('GO');
    expect(verdictOf('178.910000000000000001', skipOf('BUY', '178.91'))).toBe('SKIP');
    expect(verdictOf('178.909999999999999999', skipOf('SELL', '178.91'))).toBe('SKIP');
    expect(verdictOf('9.9', skipOf('BUY', '10'))).toBe('GO');
  });

  it('is none of what is no price', () => {
    for (const price of ['', '1,5', '-1', '1e3', '.5', '5.', '0', '0.00', 'NaN', '１'])
      expect(verdictOf(price, skipOf('BUY', '178.91'))).toBe(null);
  });
});

describe('a price within the limit that is far from the close', () => {
  const [line] = ticketFacts('TRADE').ticket.material.lines as [TicketLine];
  const of: FillsTicket = {
    ...ticketFacts('TRADE').ticket.material,
    maxPriceDeviation: 0.1,
    issuedAt: '2014-06-10T13:00:00Z',
  };
  const at = (of_: 'BUY' | 'SELL', skipPrice: string, typed: string) =>
    priceSeen(of, { ...line, side: of_, referencePrice: '2663.42', skipPrice }, typed);

  it('is looked at, and says how far it is; from exactly so far on it is near, and beyond the limit it is SKIP', () => {
    expect(at('BUY', '2676.74', '184.10')).toMatchObject({ verdict: 'LOOK', far: { side: 'below', percent: '93' } });
    expect(at('BUY', '2676.74', '2397.077')).toMatchObject({ verdict: 'LOOK', far: { side: 'below', percent: '10' } });
    expect(at('BUY', '2676.74', '2397.078')).toMatchObject({ verdict: 'GO', far: null });
    expect(at('BUY', '2676.74', '26634.2')).toMatchObject({ verdict: 'SKIP', far: null });
    expect(at('SELL', '2650.10', '26634.2')).toMatchObject({ verdict: 'LOOK', far: { side: 'above', percent: '900' } });
    expect(at('SELL', '2650.10', '2929.762')).toMatchObject({ verdict: 'GO', far: null });
    expect(at('SELL', '2650.10', '184.10')).toMatchObject({ verdict: 'SKIP', far: null });
  });

  it('is told at once as the server tells it, on five thousand prices and limits', () => {
    const seen = { GO: 0, LOOK: 0, SKIP: 0 };
    const near = fc
      .tuple(fc.integer({ min: 12_000, max: 24_000 }), digits(2))
      .map(([n, more]) => `${n / 100}${n % 10 ? more : ''}`);
    const limit = fc.constantFrom(0.01, 0.1, 0.25, 1e-7, 3);
    fc.assert(
      fc.property(fc.oneof(near, decimal), near, side, limit, (price, referencePrice, of_, max) => {
        fc.pre(!D(price).isZero());
        const skipPrice = toText(D(referencePrice).times(of_ === 'BUY' ? '1.005' : '0.995'));
        const bounds = { side: of_, skip: skipPrice, reference: referencePrice, limit: toText(D(max)) };
        const told = priceSeen(
          { ...of, maxPriceDeviation: max },
          { ...line, side: of_, referencePrice, skipPrice },
          price,
        );
        if ('rule' in told) return;
        const verdict = verdictOf(price, bounds);
        expect(verdict).toBe(told.verdict);
        expect(farFrom(price, bounds)).toEqual(farFromReference({ referencePrice }, price, max));
        if (verdict) seen[verdict]++;
      }),
      { numRuns: 5_000 },
    );
    expect(Math.min(seen.GO, seen.LOOK, seen.SKIP)).toBeGreaterThan(300);
  });
});
