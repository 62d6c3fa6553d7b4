import { farFromReference, isBeyondSkip, type FarFromReference } from '../../domain/confirmation/deviations.js';
import { rateOf, type FillsTicket } from '../../domain/confirmation/ticket.js';
import { D, floorUnits, toText } from '../../domain/money.js';
import type { DecimalString, TicketLine } from '../../domain/types.js';
import { figureTyped } from './fills-form.js';

/** What a price comes to that somebody sees at the broker. */
export interface PriceSeen {
  /**
   * The skip price itself is GO. LOOK is one within it that is too far from the reference close to be that of the
   * share: it forbids nothing.
   */
  verdict: 'GO' | 'LOOK' | 'SKIP';
  /** How it lies to the reference close, where it is LOOK; null otherwise. */
  far: FarFromReference | null;
  /** How far it is from the skip price, listing currency. */
  apart: DecimalString;
  /** About so many units; null where no rate is known. */
  units: DecimalString | null;
}

/** Holds the price that was typed against the line, as the booking will; or says why it cannot be read. */
export function priceSeen(of: FillsTicket, line: TicketLine, typed: string): PriceSeen | { rule: string } {
  const read = figureTyped('fill_price', typed);
  if ('rule' in read) return read;
  const price = D(read.figure);
  if (price.isZero()) return { rule: 'must be a price above 0' };
  const isBeyond = isBeyondSkip(line, read.figure);
  const far = isBeyond ? null : farFromReference(line, read.figure, of.maxPriceDeviation);
  return {
    verdict: isBeyond ? 'SKIP' : far === null ? 'GO' : 'LOOK',
    far,
    apart: toText(price.minus(line.skipPrice).abs()),
    units: aboutUnits(of, line, read.figure),
  };
}

/** About how many units an order comes to at a price: those of a SELL are ordered, a BUY is ordered by value. */
export function aboutUnits(of: FillsTicket, line: TicketLine, price: DecimalString): DecimalString | null {
  if (line.units !== null) return toText(D(line.units));
  const rate = rateOf(line, of);
  return (
    rate &&
    toText(
      floorUnits(
        D(line.valueBase ?? '0')
          .times(rate)
          .div(price),
      ),
    )
  );
}
