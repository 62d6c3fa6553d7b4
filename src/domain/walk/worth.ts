import { D, toText, type Decimal } from '../money.js';
import { valueOf } from '../ledger/valuation.js';
import type { DecimalString, IsoDate } from '../types.js';

/** What a walked book is valued by, after the fact. */
export interface Closes {
  /** Close of exactly a session in listing currency; null when the symbol did not trade. */
  closeOf(symbol: string, session: IsoDate): DecimalString | null;
  /**
   * Of a series that has no price from the session on: its last close, in the shares of the session, with its own date.
   * Null where the series goes on, and where there is none.
   */
  lastCloseOf(symbol: string, session: IsoDate): { date: IsoDate; close: DecimalString } | null;
  /**
   * Listing currency for one unit of base on exactly a date; `1` when they are one, null without a rate of the date.
   */
  rateAt(date: IsoDate): DecimalString | null;
  /** What that rate is called; null when they are one. */
  pair: string | null;
}

/** What a book is worth at the close of a session. */
export interface ClosingWorth {
  /** Base currency, pennies; null where something that is held has no close or no rate of the day: a gap. */
  equity: DecimalString | null;
  /** What has none: symbols, and the pair of the rate. */
  lacking: readonly string[];
  /** What counts at the last price of a series that ended, with the date of that price. */
  atLast: readonly { symbol: string; date: IsoDate }[];
}

/**
 * Cash plus positions at the closes and the rate of a session, pennies each half to even. As when a ledger is valued
 * (worth.ts of the ledger), a day on which something held has no close or no rate has no value, and nothing is carried
 * over; but a series that has ended is worth its last price, named with its date.
 */
export function worthAtClose(
  { cash, units }: { cash: Decimal; units: ReadonlyMap<string, Decimal> },
  closes: Closes,
  session: IsoDate,
): ClosingWorth {
  const held = [...units].map(([symbol, count]) => {
    const close = closes.closeOf(symbol, session);
    const last = close === null ? closes.lastCloseOf(symbol, session) : null;
    return { symbol, count, price: close ?? last?.close ?? null, last };
  });
  const fx = held.length === 0 ? '1' : closes.rateAt(session);
  const lacking = [
    ...held.filter(({ price }) => price === null).map(({ symbol }) => symbol),
    ...(fx === null ? [closes.pair ?? 'rate'] : []),
  ];
  const atLast = held.flatMap(({ symbol, last }) => (last === null ? [] : [{ symbol, date: last.date }]));
  if (fx === null || lacking.length > 0) return { equity: null, lacking, atLast };
  const worth = held.reduce((sum, { count, price }) => sum.plus(valueOf(count, { price: price ?? '0', fx })), cash);
  return { equity: worth.toFixed(2), lacking, atLast };
}

/** Which sessions of a walk have no value, and what of it is worth the last price that it had. */
export interface GapsOfWalk {
  /** Sessions without a value, oldest first, each with what had no close or rate. */
  gaps: { date: IsoDate; lacking: readonly string[] }[];
  /**
   * Series that ended while something was held of them, with their last price's date and the sessions that it is in.
   */
  ended: { symbol: string; lastPrice: IsoDate; sessions: number }[];
}

/** Gathers what the sessions of a walk lacked. */
export function gapsOfWalk(days: readonly (ClosingWorth & { tradingDay: IsoDate })[]): GapsOfWalk {
  const ended = new Map<string, GapsOfWalk['ended'][number]>();
  for (const { symbol, date } of days.flatMap(({ equity, atLast }) => (equity === null ? [] : atLast)))
    ended.set(symbol, { symbol, lastPrice: date, sessions: (ended.get(symbol)?.sessions ?? 0) + 1 });
  return {
    gaps: days.flatMap(({ tradingDay, equity, lacking }) => (equity === null ? [{ date: tradingDay, lacking }] : [])),
    ended: [...ended.values()],
  };
}

/** A walk that was asked for beyond the last price that could be read, and ends there. */
export interface EndsEarly {
  asked: IsoDate;
  lastPrice: IsoDate;
}

/** The last close of a series in the shares of later: each split since divides it. */
export const inLaterShares = (close: DecimalString, splits: readonly DecimalString[]): DecimalString =>
  splits.length === 0 ? close : toText(splits.reduce((price, ratio) => price.div(D(ratio)), D(close)));
