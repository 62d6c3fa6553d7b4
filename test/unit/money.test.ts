import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { D, floorPennies, floorUnits, pennies, toText } from '../../src/domain/money.js';

const amounts = fc
  .tuple(fc.bigInt({ min: -(10n ** 18n), max: 10n ** 18n }), fc.integer({ min: 0, max: 12 }))
  .map(([digits, scale]) => D(digits.toString()).times(D('10').pow(-scale)));

describe('money', () => {
  it('adds what floats cannot', () => {
    expect(toText(D('0.1').plus('0.2'))).toBe('0.3');
  });

  it('rounds pennies half to even, on both sides of zero', () => {
    expect(
      ['0.005', '0.015', '0.025', '-0.005', '-0.015', '1.0050000001'].map((text) => toText(pennies(D(text)))),
    ).toEqual(['0', '0.02', '0.02', '0', '-0.02', '1.01']);
  });

  it('cuts pennies and units towards zero', () => {
    expect(toText(floorPennies(D('19.999')))).toBe('19.99');
    expect(toText(floorPennies(D('-19.999')))).toBe('-19.99');
    expect(toText(floorUnits(D('1.2345678')))).toBe('1.234567');
  });

  it('writes plain notation, never an exponent or a negative zero', () => {
    expect(toText(D('1e21'))).toBe('1000000000000000000000');
    expect(toText(D('1e-9'))).toBe('0.000000001');
    expect(toText(D('-0'))).toBe('0');
    expect(toText(D('2.500'))).toBe('2.5');
  });

  it('refuses what is not a number', () => {
    for (const text of ['', 'N/D', 'NaN', 'Infinity', '1,000', '12abc', '1e9000000'])
      expect(() => D(text)).toThrow(/not a decimal number/);
  });

  it('reads back what it writes, and pennies are never further off than half a penny', () => {
    fc.assert(
      fc.property(amounts, (amount) => {
        expect(D(toText(amount)).equals(amount)).toBe(true);
        expect(pennies(amount).minus(amount).abs().lte('0.005')).toBe(true);
        expect(floorPennies(amount).abs().lte(amount.abs())).toBe(true);
        expect(amount.abs().minus(floorUnits(amount).abs()).lt('0.000001')).toBe(true);
      }),
    );
  });
});
