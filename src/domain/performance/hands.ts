import { D, pennies, toText, type Decimal } from '../money.js';
import type { DecimalString, Side } from '../types.js';

/** A fill beside the line it answers; prices in listing currency, value in base currency. */
export interface HandFill {
  side: Side;
  units: DecimalString;
  fillPrice: DecimalString;
  executedValueBase: DecimalString;
  /** Of the ticket: the as-of date's close, in the shares that were filled. */
  referencePrice: DecimalString;
  /** Listing currency for one of base that the ticket was made with; 1 where they are one currency. */
  ticketRate: DecimalString;
}

/** A cost: above 0 it was worse than the reference, below 0 better. */
export interface HandCost {
  /** Base currency, pennies. */
  money: DecimalString;
  /** Of what it is measured against. */
  bps: number;
  /** What it is measured against, base currency, pennies: what bps of several are weighed by. */
  of: DecimalString;
}

const BPS = 10_000;
/** So near to half a penny a float does not say which penny it is. */
const NEAR_HALF = 1e-6;

/** An amount to the penny, half to even: from a float, and reckoned exactly where that could be either of two. */
function penniesOf(amount: number, exactly: () => Decimal): DecimalString {
  const inPennies = amount * 100;
  if (Math.abs(Math.abs(inPennies % 1) - 0.5) < NEAR_HALF) return toText(pennies(exactly()));
  return fromPennies(Math.round(inPennies));
}

/** Whole pennies as text without trailing zeros, as `toText` has it. */
const fromPennies = (count: number): DecimalString => String(count / 100);
const toPennies = (amount: DecimalString): number => Math.round(Number(amount) * 100);

const bpsOf = (cost: number, of: number): number => (of === 0 ? 0 : (cost / of) * BPS);

/** Bought dearer and sold cheaper are both worse. */
const signOf = (side: Side): number => (side === 'BUY' ? 1 : -1);

/**
 * Slippage of a line: `(fill price − reference) × units × side / rate of the ticket`, in base currency, and in basis
 * points of the reference; side is 1 of a BUY and −1 of a SELL. The delay from the close to the minute of the fill is
 * in it: without prices of the day it cannot be told apart.
 */
export function slippageOf({ side, units, fillPrice, referencePrice, ticketRate }: HandFill): HandCost {
  const [count, filled, reference, rate] = [units, fillPrice, referencePrice, ticketRate].map(Number) as Four;
  const sign = signOf(side);
  return {
    money: penniesOf(((filled - reference) * count * sign) / rate, () =>
      D(fillPrice).minus(referencePrice).times(units).times(sign).div(ticketRate),
    ),
    bps: bpsOf((filled - reference) * sign, reference),
    of: penniesOf((reference * count) / rate, () => D(referencePrice).times(units).div(ticketRate)),
  };
}
type Four = [number, number, number, number];

/**
 * Implied cost of the currency: what was paid (or got) in base currency against `units × fill price / rate of the day`,
 * in money and basis points of it. The rate that was had is `impliedRate`.
 * @param dayRate listing currency for one of base on the day of the fill
 */
export function currencyCostOf(
  { side, units, fillPrice, executedValueBase }: Omit<HandFill, 'referencePrice' | 'ticketRate'>,
  dayRate: DecimalString,
): HandCost {
  const [count, filled, paid, rate] = [units, fillPrice, executedValueBase, dayRate].map(Number) as Four;
  const [fair, sign] = [(count * filled) / rate, signOf(side)];
  const exactly = () => D(units).times(fillPrice).div(dayRate);
  return {
    money: penniesOf((paid - fair) * sign, () => D(executedValueBase).minus(exactly()).times(sign)),
    bps: bpsOf((paid - fair) * sign, fair),
    of: penniesOf(fair, exactly),
  };
}

/** Listing currency that one of base bought in a fill: `units × fill price / executed value`. Null of a value of 0. */
export function impliedRate({
  units,
  fillPrice,
  executedValueBase,
}: Pick<HandFill, 'units' | 'fillPrice' | 'executedValueBase'>): DecimalString | null {
  const value = Number(executedValueBase);
  return value === 0 ? null : String(Number(((Number(units) * Number(fillPrice)) / value).toFixed(6)));
}

/** Several costs as one: pennies added up, basis points of all that they are measured against together. */
export function costsTogether(costs: readonly HandCost[]): HandCost {
  let [money, of] = [0, 0];
  for (const cost of costs) {
    money += toPennies(cost.money);
    of += toPennies(cost.of);
  }
  return { money: fromPennies(money), bps: bpsOf(money, of), of: fromPennies(of) };
}

/**
 * What a line that was not executed would have brought since: a purchase `value × (growth − 1)`, a sale that was not
 * made `value × (1 − growth)`, for what was kept went on. Above 0: leaving it out cost so much.
 * @param value of the line at the reference, base currency
 * @param growth of the share since the as-of date in base currency, dividends reinvested (`reinvestedGrowth`)
 */
export const missedBy = (side: Side, value: DecimalString, growth: number): DecimalString =>
  fromPennies(Math.round(Number(value) * (growth - 1) * signOf(side) * 100));
