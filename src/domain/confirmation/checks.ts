import { tradingDayOf } from '../calendar/calendar.js';
import { likelyRatio } from '../market/index.js';
import { D, toText, type Decimal } from '../money.js';
import type { Problem } from '../problems.js';
import { bounded } from '../text.js';
import type { Instant, TicketLine } from '../types.js';
import { WORTH_TOLERANCE } from './deviations.js';
import { WRITTEN, type Fill } from './shape.js';
import { allowance, rateOf, type FillsTicket } from './ticket.js';

/**
 * eToro shows units rounded: a SELL reported within this many units of its line is the line, and is booked with the
 * line's own units, so that a position sold whole comes to exactly zero. The same tolerance as reconciliation's.
 */
export const SELL_UNITS_TOLERANCE = '0.0001';
/** A price this many times the reference, or that part of it, is none of this share: more than any split of a day. */
const PRICE_FACTOR = 100;
/** units × price ÷ value is a rate; one this many times the ticket's, or that part of it, is a slip and no move. */
const RATE_FACTOR = '1.5';
/** A price this many times the reference, or that part of it, is taken for the units where these are such a price. */
const SWAP_FACTOR = '1.5';

const amountFields = ['units', 'fillPrice', 'executedValueBase'] as const;
/** What a fill says of an order that was executed. */
export const EXECUTED_FIELDS = [...amountFields, 'filledAt'] as const;
const MINUTE_MS = 60_000;

/** A fill, and where it stands in the confirmation: `fills[0]`. */
interface Item extends Fill {
  field: string;
}

/**
 * Everything that cannot be of one fill, held against its ticket line; what merely departs from it is a deviation.
 * @param at now.
 */
export function checkFill(
  fill: Fill,
  field: string,
  { line, ticket, at }: { line: TicketLine; ticket: FillsTicket; at: Instant },
): Problem[] {
  const item: Item = { ...fill, field };
  return [
    ...expect(
      item,
      'internalSymbol',
      item.internalSymbol === line.symbol,
      `must be ${line.symbol}, as on line ${line.sequence} of the ticket`,
    ),
    ...expect(item, 'side', item.side === line.side, `must be ${line.side}, as on line ${line.sequence} of the ticket`),
    ...checkStatus(item),
    ...checkTime(item, ticket, at),
    ...checkFigures(item, line, ticket),
  ];
}

function expect(item: Item, key: keyof Fill, holds: boolean, rule: string): Problem[] {
  return holds
    ? []
    : [
        {
          field: `${item.field}.${WRITTEN[key]}`,
          value: item[key] === null ? 'nothing' : bounded(String(item[key])),
          rule,
        },
      ];
}

function checkStatus(item: Item): Problem[] {
  const status = item.executedStatus;
  const notes =
    status === 'DONE'
      ? []
      : expect(item, 'notes', item.notes !== null, `is required when executed_status is ${status}: say why`);
  const fields =
    status === 'DONE' || status === 'PARTIAL'
      ? EXECUTED_FIELDS.flatMap((key) =>
          expect(item, key, item[key] !== null, `is required when executed_status is ${status}`),
        )
      : amountFields.flatMap((key) =>
          expect(
            item,
            key,
            item[key] === null,
            `must be left out when executed_status is ${status}: nothing was traded`,
          ),
        );
  return [...fields, ...notes];
}

function checkTime(item: Item, { tradingDay, issuedAt }: FillsTicket, at: Instant): Problem[] {
  if (item.filledAt === null) return [];
  const filled = Date.parse(item.filledAt);
  if (tradingDayOf(item.filledAt) < tradingDay)
    return expect(item, 'filledAt', false, `must not be before the trading day, ${tradingDay}`);
  return [
    // The broker shows minutes: what was done in the minute of the ticket was done after it.
    ...expect(
      item,
      'filledAt',
      filled >= Math.floor(Date.parse(issuedAt) / MINUTE_MS) * MINUTE_MS,
      `must not be before the ticket was issued, at ${issuedAt}`,
    ),
    ...expect(item, 'filledAt', filled <= Date.parse(at), `must not be in the future: it is ${at}`),
  ];
}

/** What the figures of one fill cannot be, held against each other and the reference price; the first that is found. */
function checkFigures(item: Item, line: TicketLine, ticket: FillsTicket): Problem[] {
  if (item.units === null || item.fillPrice === null || item.executedValueBase === null) return [];
  const [units, price, value] = [D(item.units), D(item.fillPrice), D(item.executedValueBase)];
  const reference = D(line.referencePrice);
  const of = `the reference price of line ${line.sequence}, ${toText(reference)}`;
  if (isSwapped(units, price, reference, ticket))
    return expect(item, 'fillPrice', false, `must be near ${of}: units (${item.units}) and price are swapped`);
  if (!isWithin(price, reference, PRICE_FACTOR))
    return expect(item, 'fillPrice', false, `must be a price of the share: ${of}`);
  const fx = rateOf(line, ticket);
  if (fx === null) return [];
  const worth = units.times(price).div(fx);
  return expect(
    item,
    'executedValueBase',
    value.minus(worth).abs().lte(allowance(worth, WORTH_TOLERANCE)) || isWithin(worth, value, RATE_FACTOR),
    `must be near ${worth.toFixed(2)} ${ticket.baseCurrency}, what units × fill_price come to${fx.eq(1) ? '' : ` at ${toText(fx)}`}: check all three`,
  );
}

/** The price is far from the reference, and what is given as units is near it, unless a split that morning fits far better. */
const isSwapped = (
  units: Decimal,
  price: Decimal,
  reference: Decimal,
  { maxPriceDeviation }: Pick<FillsTicket, 'maxPriceDeviation'>,
): boolean =>
  !isWithin(price, reference, SWAP_FACTOR) &&
  units.minus(reference).abs().lte(reference.times(maxPriceDeviation)) &&
  !fitsSplitBetter(units, price, reference);

/** A split must fit so many times nearer than a swap: where one is about as near as the other, it is the commoner slip. */
const SPLIT_NEARER = 3;

/**
 * On the morning of a split the ticket's reference price is still of the shares of before, and a true fill has a usual
 * part of it; by chance its units may be near the reference. Such a fill is the operator's to own, not refused for good.
 */
function fitsSplitBetter(units: Decimal, price: Decimal, reference: Decimal): boolean {
  const ratio = likelyRatio(toText(reference), toText(price));
  if (ratio === null) return false;
  const offSplit = price.times(ratio).minus(reference).abs();
  return offSplit.times(SPLIT_NEARER).lt(units.minus(reference).abs());
}

/** Whether one is at most `factor` times the other, either way. */
const isWithin = (one: Decimal, other: Decimal, factor: number | string): boolean =>
  one.lte(other.times(factor)) && one.times(factor).gte(other);
