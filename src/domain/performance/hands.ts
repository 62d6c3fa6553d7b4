import { D, Decimal, toText } from '../money.js';
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
/** Base currency to the penny, half to even. */
const pennies = (amount: Decimal) => toText(amount.toDecimalPlaces(2, Decimal.ROUND_HALF_EVEN));

const costOf = (cost: Decimal, of: Decimal): HandCost => ({
  money: pennies(cost),
  bps: of.isZero() ? 0 : cost.div(of).times(BPS).toNumber(),
  of: pennies(of),
});

/** Bought dearer and sold cheaper are both worse. */
const signOf = (side: Side): number => (side === 'BUY' ? 1 : -1);

/**
 * Slippage of a line: `(fill price − reference) × units × side / rate of the ticket`, in base currency, and in basis
 * points of the reference; side is 1 of a BUY and −1 of a SELL. The delay from the close to the minute of the fill is
 * in it: without prices of the day it cannot be told apart.
 */
export function slippageOf({ side, units, fillPrice, referencePrice, ticketRate }: HandFill): HandCost {
  const reference = D(referencePrice).times(D(units)).div(D(ticketRate));
  const filled = D(fillPrice).times(D(units)).div(D(ticketRate));
  return costOf(filled.minus(reference).times(signOf(side)), reference);
}

/**
 * Implied cost of the currency: what was paid (or got) in base currency against `units × fill price / rate of the day`,
 * in money and basis points of it. The rate that was had is `impliedRate`.
 * @param dayRate listing currency for one of base on the day of the fill
 */
export function currencyCostOf(
  { side, units, fillPrice, executedValueBase }: Omit<HandFill, 'referencePrice' | 'ticketRate'>,
  dayRate: DecimalString,
): HandCost {
  const fair = D(units).times(D(fillPrice)).div(D(dayRate));
  return costOf(D(executedValueBase).minus(fair).times(signOf(side)), fair);
}

/** Listing currency that one of base bought in a fill: `units × fill price / executed value`. Null of a value of 0. */
export function impliedRate({
  units,
  fillPrice,
  executedValueBase,
}: Pick<HandFill, 'units' | 'fillPrice' | 'executedValueBase'>): DecimalString | null {
  const value = D(executedValueBase);
  return value.isZero() ? null : toText(D(units).times(D(fillPrice)).div(value).toDecimalPlaces(6));
}

/** Several costs as one: money added up, basis points of all that they are measured against together. */
export function costsTogether(costs: readonly HandCost[]): HandCost {
  const sum = (of: (cost: HandCost) => DecimalString) => costs.reduce((total, each) => total.plus(D(of(each))), D(0));
  return costOf(
    sum(({ money }) => money),
    sum(({ of }) => of),
  );
}

/**
 * What a line that was not executed would have brought since: a purchase `value × (growth − 1)`, a sale that was not
 * made `value × (1 − growth)`, for what was kept went on. Above 0: leaving it out cost so much.
 * @param value of the line at the reference, base currency
 * @param growth of the share since the as-of date in base currency, dividends reinvested (`reinvestedGrowth`)
 */
export const missedBy = (side: Side, value: DecimalString, growth: Decimal): DecimalString =>
  pennies(D(value).times(growth.minus(1)).times(signOf(side)));
