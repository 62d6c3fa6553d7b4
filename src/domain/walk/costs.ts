import { D, Decimal } from '../money.js';
import type { DecimalString, Side } from '../types.js';

/** How a broker is taken to fill a market order, in basis points against whoever trades. */
export interface BrokerCosts {
  /** Of the price: a purchase pays so much more than the open, a sale gets so much less. */
  slippageBps: number;
  /** Of the rate between base and listing currency, on every purchase and every sale. */
  fxSpreadBps: number;
  /** The smallest purchase that is taken, listing currency; a position is sold whatever its size. */
  minimumOrder: DecimalString;
}

/** The broker of `simulate`: the open itself, at no cost. */
export const NO_COSTS: BrokerCosts = { slippageBps: 0, fxSpreadBps: 0, minimumOrder: '0' };

/**
 * What is taken where nobody says: 10 bps of slippage at the open of a US large cap, and 50 bps of conversion, which
 * eToro hides in its spread. Meant to be worse than what a household sees.
 */
export const PESSIMISTIC: BrokerCosts = { slippageBps: 10, fxSpreadBps: 50, minimumOrder: '10' };

const BPS = 10_000;
const worse = (figure: Decimal, bps: number, up: boolean): Decimal => figure.times(up ? BPS + bps : BPS - bps).div(BPS);

/** The price that is had at an open, six decimals, rounded against whoever trades. */
export function priceHad(side: Side, open: DecimalString, { slippageBps }: BrokerCosts): Decimal {
  const price = worse(D(open), slippageBps, side === 'BUY');
  return price.toDecimalPlaces(6, side === 'BUY' ? Decimal.ROUND_UP : Decimal.ROUND_DOWN);
}

/** The rate that is had, listing currency for one of base: less of it for a purchase, more of it taken at a sale. */
export const rateHad = (side: Side, rate: DecimalString, { fxSpreadBps }: BrokerCosts): Decimal =>
  worse(D(rate), fxSpreadBps, side === 'SELL');

/** The same costs so many times over: for how much an outcome hangs on them. */
export const timesCosts = ({ slippageBps, fxSpreadBps, ...rest }: BrokerCosts, factor: number): BrokerCosts => ({
  ...rest,
  slippageBps: slippageBps * factor,
  fxSpreadBps: fxSpreadBps * factor,
});

/** The assumptions of an execution, a line each, as every report prints them. */
export const costsInWords = ({ slippageBps, fxSpreadBps, minimumOrder }: BrokerCosts): string[] => [
  `filled at the open of the ticket's own trading day, ${slippageBps} bps worse`,
  `converted at the day's reference rate, or the newest before it, ${fxSpreadBps} bps worse on every purchase and sale`,
  'a line beyond its skip price at what it would be filled at is skipped; it is not tried again that day',
  'a cash account: sales first, each line settled as it is filled; a purchase without the cash for it fails whole',
  `a purchase under ${minimumOrder} of the listing currency, or of a symbol without an open that day, fails`,
  'dividends net of 15 % withholding on the ex-date, at the rate of the day or the newest before it, without a spread',
];
