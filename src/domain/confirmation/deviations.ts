import { D, Decimal, pennies, toText } from '../money.js';
import { londonTime } from '../calendar/calendar.js';
import type { DecimalString, TicketLine } from '../types.js';
import { allowance, rateOf, type FillsTicket } from './ticket.js';
import type { Fill } from './shape.js';

/** How a fill may depart from its ticket line. */
export const DEVIATION_KINDS = ['window', 'skip_price', 'reference', 'size', 'worth'] as const;
export type DeviationKind = (typeof DEVIATION_KINDS)[number];

/**
 * One way in which a fill departs from its ticket line (docs/RULES.md 1.8). It happened, so it can be booked, but only
 * when the operator owns it with a reason.
 */
export interface Deviation {
  sequence: number;
  side: TicketLine['side'];
  symbol: string;
  kind: DeviationKind;
  /** The field of the fill, as the operator writes it. */
  field: string;
  /** What was reported. */
  value: string;
  /** What it departs from, and by how much, in one clause. */
  text: string;
  /** What lies beyond the limit, base currency in pennies; null where it is one of time, or no rate is known. */
  amountBase: DecimalString | null;
}

/** How far value or units of a line that is DONE may be from what the line says; PARTIAL may be less. */
export const SIZE_TOLERANCE = '0.05';
/**
 * units × price ÷ rate may differ from the executed value by this fraction: the spread, and the rate's move since the
 * as-of date, stay well below it on most days. Two pennies are always allowed for rounding.
 */
export const WORTH_TOLERANCE = { fraction: '0.05', amount: '0.02' } as const;

/** An executed fill with its figures as numbers. */
interface Executed {
  fill: Fill;
  line: TicketLine;
  ticket: FillsTicket;
  units: Decimal;
  price: Decimal;
  value: Decimal;
  /** Listing currency for one unit of base on the ticket; null when it names none. */
  fx: Decimal | null;
}

/** Everything in which fills depart from their lines, by line; fills that executed nothing depart from nothing. */
export function deviationsOf(fills: readonly Fill[], ticket: FillsTicket): Deviation[] {
  const lines = new Map(ticket.lines.map((line) => [line.sequence, line]));
  return fills.flatMap((fill) => {
    const line = lines.get(fill.sequence);
    const { units, fillPrice, executedValueBase } = fill;
    if (!line || units === null || fillPrice === null || executedValueBase === null) return [];
    const [amount, price, value] = [D(units), D(fillPrice), D(executedValueBase)];
    const executed = { fill, line, ticket, units: amount, price, value, fx: rateOf(line, ticket) };
    return [
      ...outsideWindow(executed),
      ...beyondSkip(executed),
      ...ofAnotherPrice(executed),
      ...ofAnotherSize(executed),
      ...worthAnother(executed),
    ];
  });
}

function deviation(
  { line }: Executed,
  kind: DeviationKind,
  field: string,
  value: string,
  text: string,
  amount: Decimal | null,
): Deviation[] {
  const { sequence, side, symbol } = line;
  const amountBase = amount === null ? null : pennies(amount.abs()).toFixed(2);
  return [{ sequence, side, symbol, kind, field, value, text, amountBase }];
}

const MINUTE_MS = 60_000;

/** The window is meant with both its ends. */
function outsideWindow(executed: Executed): Deviation[] {
  const { fill, ticket } = executed;
  if (fill.filledAt === null || ticket.window === null) return [];
  const [at, opens, closes] = [fill.filledAt, ticket.window.opensAt, ticket.window.closesAt].map(Date.parse) as [
    number,
    number,
    number,
  ];
  if (at >= opens && at <= closes) return [];
  const minutes = Math.ceil((at < opens ? opens - at : at - closes) / MINUTE_MS);
  const window = `${londonTime(ticket.window.opensAt)} to ${londonTime(ticket.window.closesAt)} UK`;
  const text = `is ${minutes} min ${at < opens ? 'before' : 'after'} the window, ${window} of ${ticket.tradingDay}`;
  return deviation(executed, 'window', 'filled_at', fill.filledAt, text, null);
}

/**
 * Whether a price is beyond the one at which a line is skipped; that price itself is allowed.
 * @param price plain decimal, listing currency
 */
export function isBeyondSkip(
  { side, skipPrice }: Pick<TicketLine, 'side' | 'skipPrice'>,
  price: DecimalString,
): boolean {
  return side === 'BUY' ? D(price).gt(D(skipPrice)) : D(price).lt(D(skipPrice));
}

function beyondSkip(executed: Executed): Deviation[] {
  const { line, price, units, fx } = executed;
  const skip = D(line.skipPrice);
  if (!isBeyondSkip(line, toText(price))) return [];
  const text = `is ${line.side === 'BUY' ? 'above' : 'below'} the skip price, ${apart(price, skip)}`;
  return deviation(executed, 'skip_price', 'fill_price', toText(price), text, inBase(price.minus(skip), units, fx));
}

/** On which side of the reference price a price lies that is far from it, and by how much of it. */
export interface FarFromReference {
  side: 'above' | 'below';
  /** Percent of the reference price, to a tenth, towards zero. */
  percent: DecimalString;
}

/**
 * Whether a price is so far from its line's reference price that it may be of another share, or a slip: nothing that
 * is asked of a price while it is typed forbids it, and whoever reports it as a fill owns it.
 * @param price plain decimal, listing currency
 * @param limit the policy's fraction of the reference price (`ticket.max_price_deviation`); exactly so far is near
 * @returns null where it is near
 */
export function farFromReference(
  { referencePrice }: Pick<TicketLine, 'referencePrice'>,
  price: DecimalString,
  limit: number,
): FarFromReference | null {
  const [seen, reference] = [D(price), D(referencePrice)];
  const off = seen.minus(reference).abs();
  if (off.lte(reference.times(D(limit)))) return null;
  return {
    side: seen.gt(reference) ? 'above' : 'below',
    percent: toText(off.times(100).div(reference).toDecimalPlaces(1, Decimal.ROUND_DOWN)),
  };
}

function ofAnotherPrice(executed: Executed): Deviation[] {
  const { line, price, units, fx, ticket } = executed;
  const reference = D(line.referencePrice);
  const limit = D(ticket.maxPriceDeviation);
  if (farFromReference(line, toText(price), ticket.maxPriceDeviation) === null) return [];
  // Where both are near the reference price nobody can tell a swap from a leap of the price: the operator is asked.
  const asked = units.minus(reference).abs().lte(reference.times(limit)) ? '; are units and price swapped?' : '';
  const text = `is further than ${percent(limit)} from the reference price, ${apart(price, reference)}${asked}`;
  const amount = inBase(price.minus(reference), units, fx);
  return deviation(executed, 'reference', 'fill_price', toText(price), text, amount);
}

/** A SELL is ordered by units; a BUY by value, which at the reference price and rate is so many units. */
function ofAnotherSize(executed: Executed): Deviation[] {
  const { line, value, units, price, fx } = executed;
  const rule = `is more than ${percent(D(SIZE_TOLERANCE))} off`;
  const wanted =
    line.units !== null
      ? D(line.units)
      : fx &&
        D(line.valueBase ?? 0)
          .times(fx)
          .div(D(line.referencePrice))
          .toDecimalPlaces(6, Decimal.ROUND_HALF_EVEN);
  const asked = line.valueBase === null ? null : D(line.valueBase);
  const byValue =
    asked === null || fits(executed, value, asked)
      ? []
      : deviation(
          executed,
          'size',
          'executed_value_base',
          value.toFixed(2),
          `${rule} the line's value, ${apart(value, asked)}`,
          value.minus(asked),
        );
  const byUnits =
    wanted === null || fits(executed, units, wanted)
      ? []
      : deviation(
          executed,
          'size',
          'units',
          toText(units),
          `${rule} the line's units, ${apart(units, wanted)}`,
          inBase(units.minus(wanted), price, fx),
        );
  return [...byValue, ...byUnits];
}

/** Whether a size is the line's; a part of it is less and says so. */
function fits({ fill }: Executed, size: Decimal, wanted: Decimal): boolean {
  const beyond = size.minus(wanted);
  if (beyond.lt(0) && fill.executedStatus === 'PARTIAL') return true;
  return beyond.abs().lte(wanted.times(SIZE_TOLERANCE));
}

function worthAnother(executed: Executed): Deviation[] {
  const { value, units, price, fx, line, ticket } = executed;
  if (fx === null) return [];
  const worth = units.times(price).div(fx);
  if (value.minus(worth).abs().lte(allowance(worth, WORTH_TOLERANCE))) return [];
  const implied =
    line.referenceCurrency === ticket.baseCurrency
      ? ''
      : `; the rate was ${toText(units.times(price).div(value).toDecimalPlaces(4))} then, ${toText(fx)} on the ticket`;
  const text = `is not what units × fill_price come to, ${apart(value, pennies(worth))}${implied}`;
  return deviation(executed, 'worth', 'executed_value_base', value.toFixed(2), text, value.minus(worth));
}

const inBase = (difference: Decimal, times: Decimal, fx: Decimal | null): Decimal | null =>
  fx && difference.times(times).div(fx);

const percent = (fraction: Decimal): string => `${toText(fraction.times(100).toDecimalPlaces(2))} %`;

/** `61.46, by 1.42 (2.31 %)` */
function apart(value: Decimal, from: Decimal): string {
  const off = value.minus(from).abs();
  return `${toText(from)}, by ${toText(off)}${from.isZero() ? '' : ` (${percent(off.div(from))})`}`;
}

/**
 * What lies beyond the limits, base currency: each line once, with the largest of what its deviations come to, for a
 * price beyond the skip price and a value that is off are often the same money.
 */
export function sumOfDeviations(found: readonly (Pick<Deviation, 'sequence' | 'amountBase'> & { of?: string })[]): {
  lines: number;
  amountBase: DecimalString;
} {
  const largest = new Map<string, Decimal>();
  for (const { sequence, amountBase, of = '' } of found) {
    const line = `${of} ${sequence}`;
    largest.set(line, Decimal.max(largest.get(line) ?? D(0), D(amountBase ?? '0')));
  }
  const amount = [...largest.values()].reduce((sum, each) => sum.plus(each), D(0));
  return { lines: largest.size, amountBase: amount.toFixed(2) };
}
