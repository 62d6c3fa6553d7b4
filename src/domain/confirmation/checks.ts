import { tradingDayOf } from '../calendar/calendar.js';
import { D, Decimal, toText } from '../money.js';
import type { Problem } from '../problems.js';
import { bounded } from '../text.js';
import type { Instant, TicketLine, TicketMaterial } from '../types.js';
import { WRITTEN, type Fill } from './shape.js';

/** What fills are checked against: the material of the ticket they answer, and when it was issued. */
export interface FillsTicket extends Pick<TicketMaterial, 'kind' | 'tradingDay' | 'baseCurrency' | 'fx' | 'lines'> {
  issuedAt: Instant;
}

/**
 * eToro shows units rounded: a SELL reported within this many units of its line is the line, and is booked with the
 * line's own units, so that a position sold whole comes to exactly zero. The same tolerance as reconciliation's.
 */
export const SELL_UNITS_TOLERANCE = '0.0001';
/** A BUY is ordered by value, so its value moves only by rounding and costs: at most 1 %, or 1 of base currency. */
export const BUY_VALUE_TOLERANCE = { fraction: '0.01', amount: '1' } as const;
/**
 * units × price / fx may differ from the executed value by this fraction: the spread, and the rate's move since the as-of
 * date, stay well below it; a slipped digit or a swapped field does not. Two pennies are always allowed for rounding.
 */
const PLAUSIBLE_DIFFERENCE = { fraction: '0.05', amount: '0.02' } as const;

const amountFields = ['units', 'fillPrice', 'executedValueBase'] as const;
const executedFields = [...amountFields, 'filledAt'] as const;
const MINUTE_MS = 60_000;

/** A fill, and where it stands in the confirmation: `fills[0]`. */
interface Item extends Fill {
  field: string;
}

/** Everything that is wrong with one fill, held against its ticket line. `at` is now. */
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
    ...checkSize(item, line),
    ...checkPlausible(item, line, ticket),
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
      ? executedFields.flatMap((key) =>
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

function checkSize(item: Item, line: TicketLine): Problem[] {
  if (line.units !== null && item.units !== null) {
    const limit = D(line.units).plus(D(SELL_UNITS_TOLERANCE));
    return expect(
      item,
      'units',
      D(item.units).lte(limit),
      `must not be above the ${toText(D(line.units))} units of line ${line.sequence}`,
    );
  }
  if (line.valueBase !== null && item.executedValueBase !== null) {
    const limit = D(line.valueBase).plus(allowance(D(line.valueBase), BUY_VALUE_TOLERANCE));
    return expect(
      item,
      'executedValueBase',
      D(item.executedValueBase).lte(limit),
      `must not be above ${limit.toFixed(2)}: line ${line.sequence} says ${line.valueBase}`,
    );
  }
  return [];
}

function checkPlausible(item: Item, line: TicketLine, ticket: FillsTicket): Problem[] {
  if (item.units === null || item.fillPrice === null || item.executedValueBase === null) return [];
  const fx = line.referenceCurrency === ticket.baseCurrency ? D(1) : D(ticket.fx?.rate ?? 0);
  if (!fx.gt(0)) return [];
  const worth = D(item.units).times(D(item.fillPrice)).div(fx);
  const value = D(item.executedValueBase);
  const off = value.minus(worth).abs();
  return expect(
    item,
    'executedValueBase',
    off.lte(allowance(worth, PLAUSIBLE_DIFFERENCE)),
    `must be near ${worth.toFixed(2)} ${ticket.baseCurrency}, what units × fill_price come to${fx.eq(1) ? '' : ` at ${toText(fx)}`}: check all three`,
  );
}

const allowance = (amount: Decimal, tolerance: { fraction: string; amount: string }): Decimal =>
  Decimal.max(amount.times(D(tolerance.fraction)), D(tolerance.amount));
