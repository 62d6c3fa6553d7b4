import { tradingDayOf } from '../calendar/calendar.js';
import { D, Decimal, toText } from '../money.js';
import type { DecimalString, ExecutedStatus, Instant, Side, TicketLine, TicketMaterial } from '../types.js';

/** What fills are checked against: the material of the ticket they answer. */
export type FillsTicket = Pick<TicketMaterial, 'kind' | 'tradingDay' | 'baseCurrency' | 'fx' | 'lines'>;

/** What is wrong with a confirmation: which field, what it said, and the rule it breaks. */
export interface FillProblem {
  field: string;
  value: string;
  rule: string;
}

/** One item of a confirmation whose fields have the right shape; `field` says where it stands, `fills[0]`. */
export interface FillInput {
  field: string;
  sequence: number;
  internal_symbol: string;
  side: Side;
  executed_status: ExecutedStatus;
  units: DecimalString | null;
  fill_price: DecimalString | null;
  executed_value_base: DecimalString | null;
  filled_at: Instant | null;
  notes: string | null;
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
export const PLAUSIBLE_DIFFERENCE = { fraction: '0.05', amount: '0.02' } as const;

const executedFields = ['units', 'fill_price', 'executed_value_base', 'filled_at'] as const;
const amountFields = ['units', 'fill_price', 'executed_value_base'] as const;

/** Everything that is wrong with one fill, held against its ticket line. `at` is now. */
export function checkFill(item: FillInput, line: TicketLine, ticket: FillsTicket, at: Instant): FillProblem[] {
  return [
    ...expect(item, 'internal_symbol', item.internal_symbol === line.symbol, `must be ${line.symbol}, as on line ${line.sequence} of the ticket`),
    ...expect(item, 'side', item.side === line.side, `must be ${line.side}, as on line ${line.sequence} of the ticket`),
    ...checkStatus(item),
    ...checkTime(item, ticket, at),
    ...checkSize(item, line),
    ...checkPlausible(item, line, ticket),
  ];
}

function expect(item: FillInput, key: Exclude<keyof FillInput, 'field'>, holds: boolean, rule: string): FillProblem[] {
  return holds ? [] : [{ field: `${item.field}.${key}`, value: item[key] === null ? 'nothing' : String(item[key]), rule }];
}

function checkStatus(item: FillInput): FillProblem[] {
  const status = item.executed_status;
  const notes = status === 'DONE' ? [] : expect(item, 'notes', item.notes !== null, `is required when executed_status is ${status}: say why`);
  const fields = status === 'DONE' || status === 'PARTIAL'
    ? executedFields.flatMap((key) => expect(item, key, item[key] !== null, `is required when executed_status is ${status}`))
    : amountFields.flatMap((key) => expect(item, key, item[key] === null, `must be left out when executed_status is ${status}: nothing was traded`));
  return [...fields, ...notes];
}

function checkTime(item: FillInput, { tradingDay }: FillsTicket, at: Instant): FillProblem[] {
  if (item.filled_at === null) return [];
  return [
    ...expect(item, 'filled_at', tradingDayOf(item.filled_at) >= tradingDay, `must not be before the trading day, ${tradingDay}`),
    ...expect(item, 'filled_at', Date.parse(item.filled_at) <= Date.parse(at), `must not be in the future: it is ${at}`),
  ];
}

function checkSize(item: FillInput, line: TicketLine): FillProblem[] {
  if (line.units !== null && item.units !== null) {
    const limit = D(line.units).plus(D(SELL_UNITS_TOLERANCE));
    return expect(item, 'units', D(item.units).lte(limit), `must not be above the ${toText(D(line.units))} units of line ${line.sequence}`);
  }
  if (line.valueBase !== null && item.executed_value_base !== null) {
    const limit = D(line.valueBase).plus(allowance(D(line.valueBase), BUY_VALUE_TOLERANCE));
    return expect(item, 'executed_value_base', D(item.executed_value_base).lte(limit),
      `must not be above ${limit.toFixed(2)}: line ${line.sequence} says ${line.valueBase}`);
  }
  return [];
}

function checkPlausible(item: FillInput, line: TicketLine, ticket: FillsTicket): FillProblem[] {
  if (item.units === null || item.fill_price === null || item.executed_value_base === null) return [];
  const fx = line.referenceCurrency === ticket.baseCurrency ? D(1) : D(ticket.fx?.rate ?? 0);
  if (!fx.gt(0)) return [];
  const worth = D(item.units).times(D(item.fill_price)).div(fx);
  const value = D(item.executed_value_base);
  const off = value.minus(worth).abs();
  return expect(item, 'executed_value_base', off.lte(allowance(worth, PLAUSIBLE_DIFFERENCE)),
    `must be near ${worth.toFixed(2)} ${ticket.baseCurrency}, what units × fill_price come to${fx.eq(1) ? '' : ` at ${toText(fx)}`}: check all three`);
}

const allowance = (amount: Decimal, tolerance: { fraction: string; amount: string }): Decimal =>
  Decimal.max(amount.times(D(tolerance.fraction)), D(tolerance.amount));
