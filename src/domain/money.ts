import { Decimal as DecimalJs } from 'decimal.js';

/**
 * The one decimal arithmetic of the program. 34 significant digits (decimal128) carry every intermediate result of a
 * ledger in which amounts have at most 15 digits before the point; quotients are rounded half to even at the 34th.
 * Exponents stop at 100, so that no text of a few bytes (`1e9000000`) can be written out as megabytes of zeros.
 */
export const Decimal = DecimalJs.clone({ precision: 34, rounding: DecimalJs.ROUND_HALF_EVEN, maxE: 100, minE: -100 });
export type Decimal = DecimalJs;

/** A decimal from its text. Throws on anything that is not a finite number: `N/D`, empty text, NaN, Infinity. */
export function D(value: string | number | Decimal): Decimal {
  const decimal = decimalOf(value);
  if (decimal === null) throw new RangeError(`not a decimal number: ${JSON.stringify(String(value))}`);
  return decimal;
}

/** The same of a text that others wrote, which may be too large to be one: null where `D` would throw. */
export function decimalOf(value: string | number | Decimal): Decimal | null {
  try {
    const decimal = new Decimal(value);
    return decimal.isFinite() ? decimal : null;
  } catch {
    return null;
  }
}

/** Amount in base currency to two places, half to even: neither side gains over many bookings. */
export const pennies = (amount: Decimal): Decimal => amount.toDecimalPlaces(2, Decimal.ROUND_HALF_EVEN);

/** Amount to two places towards zero: a BUY never spends more than it was sized for. */
export const floorPennies = (amount: Decimal): Decimal => amount.toDecimalPlaces(2, Decimal.ROUND_DOWN);

/** Units to six places towards zero: a SELL never sells more than is held. */
export const floorUnits = (units: Decimal): Decimal => units.toDecimalPlaces(6, Decimal.ROUND_DOWN);

/** Plain notation, never an exponent, no trailing zeros, no negative zero: one text for one number, so it can be hashed. */
export const toText = (value: Decimal): string => (value.isZero() ? '0' : value.toFixed());
