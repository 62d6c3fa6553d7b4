import { D, Decimal, floorPennies, floorUnits, pennies, toText } from '../domain/money.js';
import type { Fill } from '../domain/confirmation/shape.js';
import type { Closes } from '../domain/walk/worth.js';
import { NO_COSTS, priceHad, rateHad, type BrokerCosts } from '../domain/walk/costs.js';
import type {
  CorporateAction,
  DecimalString,
  DividendType,
  Instant,
  IsoDate,
  PriceBasis,
  TicketLine,
  TicketMaterial,
} from '../domain/types.js';
import { effectOfEvent, type EventEffect, type PlannedEvent } from './events.js';

/** What the broker holds for the account: cash in base currency, pennies; units by symbol, 6 decimals, none of zero. */
export interface BrokerBook {
  cash: Decimal;
  units: ReadonlyMap<string, Decimal>;
}

/** What the broker sees of the market: prices and actions as the provider gives them, never through our ledger. */
export interface BrokerMarket extends Closes {
  /** Opening price of a session in listing currency; null when the symbol did not trade. */
  openOf(symbol: string, session: IsoDate): DecimalString | null;
  /** What really happened with this ex-date, however it was published. */
  actionsOn(exDate: IsoDate): readonly CorporateAction[];
  /** Whether any dividend of a symbol is told of that has its ex-date by then, within what is walked or before. */
  paysDividends(symbol: string, until: IsoDate): boolean;
  /** What companies and the broker do on a date; nothing where it is left out. */
  eventsOn?(date: IsoDate): readonly PlannedEvent[];
  /**
   * Listing currency for one unit of base that is traded and paid at: the newest rate up to the date; `1` when they are
   * one, null without a rate.
   */
  rateOn(date: IsoDate): DecimalString | null;
  /** What the closes of a symbol show of its actions; null of one that was not read. */
  basisOf(symbol: string): PriceBasis | null;
  /** The last date on which anything has a price. */
  pricedTo: IsoDate;
}

/** One line of the broker's statement: what an ex-date changed, or what a company or the broker did. */
export type StatementItem = ActionItem | EventItem;

export interface EventItem extends EventEffect {
  kind: 'EVENT';
}

export interface ActionItem {
  kind: 'SPLIT' | 'DIVIDEND';
  symbol: string;
  exDate: IsoDate;
  dividendType?: DividendType;
  /** Change of cash, base currency; 0 for a split. */
  cash: Decimal;
  /** Change of units; 0 for a dividend. */
  units: Decimal;
}

/** US withholding on dividends of a UK holder with a W-8BEN: Article 10(2)(b) of the UK-US double tax treaty. */
const WITHHOLDING = '0.15';

export const openBook = (cash: DecimalString): BrokerBook => ({ cash: pennies(D(cash)), units: new Map() });

/** What the operator would read off the screen: cash in pennies, every position that is not zero. */
export function snapshot({ cash, units }: BrokerBook): {
  cash: DecimalString;
  positions: Record<string, DecimalString>;
} {
  const held = [...units].toSorted(([a], [b]) => (a < b ? -1 : 1));
  return {
    cash: cash.toFixed(2),
    positions: Object.fromEntries(held.map(([symbol, amount]) => [symbol, toText(amount)])),
  };
}

/**
 * Begins a session: whoever held units at the close before it takes part in its splits and is paid its dividends, gross
 * amount and tax each in pennies, half to even, at the rate of the day. Dividends are paid per share as published on
 * the ex-date, that is on the shares before a split of the same day.
 */
export function beginSession(
  book: BrokerBook,
  market: BrokerMarket,
  session: IsoDate,
): { book: BrokerBook; statement: StatementItem[] } {
  const actions: StatementItem[] = market.actionsOn(session).flatMap((action) => effectOf(action, book, market));
  let current = actions.reduce(applyItem, book);
  const statement = [...actions];
  // One after another: what a merger left may be paid out in lieu on the same day.
  for (const event of market.eventsOn?.(session) ?? []) {
    const held = event.symbol === null ? undefined : current.units.get(event.symbol);
    const effect = effectOfEvent(event, held, market.rateOn);
    if (effect === null) continue;
    const item: EventItem = { kind: 'EVENT', ...effect };
    current = applyItem(current, item);
    statement.push(item);
  }
  return { book: current, statement };
}

function effectOf(
  { symbol, exDate, kind, dividendType, value }: CorporateAction,
  book: BrokerBook,
  market: BrokerMarket,
): ActionItem[] {
  const held = book.units.get(symbol);
  if (!held) return [];
  const item = { kind, symbol, exDate, ...(dividendType && { dividendType }), cash: D(0), units: D(0) };
  if (kind === 'SPLIT') {
    const after = held.times(D(value)).toDecimalPlaces(6, Decimal.ROUND_HALF_EVEN);
    return after.eq(held) ? [] : [{ ...item, units: after.minus(held) }];
  }
  const gross = pennies(held.times(D(value)).div(D(market.rateOn(exDate) ?? '1')));
  // Nothing is withheld of a company's own capital.
  const net = dividendType === 'return_of_capital' ? gross : gross.minus(pennies(gross.times(WITHHOLDING)));
  return net.gt(0) ? [{ ...item, cash: net }] : [];
}

const changesOf = (item: StatementItem): readonly { symbol: string; units: Decimal }[] =>
  item.kind === 'EVENT' ? item.changes : [{ symbol: item.symbol, units: item.units }];

function applyItem(book: BrokerBook, item: StatementItem): BrokerBook {
  const moved = changesOf(item).reduce((left, { symbol, units }) => change(left, symbol, units, D(0)), book);
  return { ...moved, cash: moved.cash.plus(item.cash) };
}

/** Takes statement items back, the newest first: the book as a ledger that has not booked them yet should have it. */
export const without = (book: BrokerBook, items: readonly StatementItem[]): BrokerBook =>
  items.toReversed().reduce((left, item) => {
    const moved = changesOf(item).reduce((all, { symbol, units }) => change(all, symbol, units.neg(), D(0)), left);
    return { ...moved, cash: moved.cash.minus(item.cash) };
  }, book);

function change(book: BrokerBook, symbol: string, units: Decimal, cash: Decimal): BrokerBook {
  const amounts = new Map(book.units);
  const amount = (amounts.get(symbol) ?? D(0)).plus(units);
  if (amount.isZero()) amounts.delete(symbol);
  else amounts.set(symbol, amount);
  return { cash: book.cash.plus(cash), units: amounts };
}

/**
 * The operator clicks the ticket's lines one after another at the opening price of its trading day, as the ticket says:
 * a line beyond its skip price is left, one that cannot be paid for or delivered fails. BUYs cost their value and bring
 * units cut to 6 decimals; SELLs bring their worth cut to the penny: the broker never rounds against itself.
 * @param filledAt the instant written on every fill; costs nothing and decides nothing.
 */
export const execute: Execute = (book, market, ticket, filledAt) => executeAt(NO_COSTS, book, market, ticket, filledAt);

/** How a broker fills a ticket. */
export type Execute = (
  book: BrokerBook,
  market: BrokerMarket,
  ticket: Pick<TicketMaterial, 'tradingDay' | 'lines'>,
  filledAt: Instant,
) => { book: BrokerBook; fills: Fill[] };

/** The same by a broker who costs something: the price and the rate that are had are worse than the open's. */
export const executeWith =
  (costs: BrokerCosts): Execute =>
  (book, market, ticket, filledAt) =>
    executeAt(costs, book, market, ticket, filledAt);

function executeAt(
  costs: BrokerCosts,
  book: BrokerBook,
  market: BrokerMarket,
  ticket: Pick<TicketMaterial, 'tradingDay' | 'lines'>,
  filledAt: Instant,
): { book: BrokerBook; fills: Fill[] } {
  const fills: Fill[] = [];
  let current = book;
  for (const line of ticket.lines) {
    const fill = executeLine({ book: current, market, costs }, line, ticket.tradingDay, filledAt);
    const sign = line.side === 'BUY' ? 1 : -1;
    if (fill.units !== null && fill.executedValueBase !== null) {
      current = change(current, line.symbol, D(fill.units).times(sign), D(fill.executedValueBase).times(-sign));
    }
    fills.push(fill);
  }
  return { book: current, fills };
}

function executeLine(
  { book, market, costs }: { book: BrokerBook; market: BrokerMarket; costs: BrokerCosts },
  line: TicketLine,
  day: IsoDate,
  filledAt: Instant,
): Fill {
  const open = market.openOf(line.symbol, day);
  const rate = market.rateOn(day);
  if (open === null || rate === null) return left(line, 'FAILED', 'not found');
  const price = priceHad(line.side, open, costs);
  // In one currency nothing is converted.
  const fx = rate === '1' ? D(1) : rateHad(line.side, rate, costs);
  const beyond = line.side === 'BUY' ? price.gt(line.skipPrice) : price.lt(line.skipPrice);
  if (beyond) return left(line, 'SKIPPED', `price ${line.side === 'BUY' ? 'above' : 'below'} skip price`);
  const { units, value } =
    line.units === null ? bought(D(line.valueBase ?? '0'), price, fx) : sold(D(line.units), price, fx);
  if (line.side === 'BUY' && value.gt(book.cash)) return left(line, 'FAILED', 'not enough cash');
  if (line.side === 'SELL' && units.gt(book.units.get(line.symbol) ?? 0)) return left(line, 'FAILED', 'not held');
  const tooSmall = line.side === 'BUY' && value.times(fx).lt(costs.minimumOrder);
  if (!units.gt(0) || !value.gt(0) || tooSmall) return left(line, 'FAILED', 'below minimum size');
  return {
    ...lineOf(line),
    executedStatus: 'DONE',
    units: toText(units),
    fillPrice: toText(price),
    executedValueBase: value.toFixed(2),
    filledAt,
    notes: null,
  };
}

const bought = (value: Decimal, price: Decimal, fx: Decimal) => ({
  value,
  units: floorUnits(value.times(fx).div(price)),
});
const sold = (units: Decimal, price: Decimal, fx: Decimal) => ({
  units,
  value: floorPennies(units.times(price).div(fx)),
});

const lineOf = ({ sequence, symbol, side }: TicketLine) => ({ sequence, internalSymbol: symbol, side });

const left = (line: TicketLine, executedStatus: 'SKIPPED' | 'FAILED', notes: string): Fill => ({
  ...lineOf(line),
  executedStatus,
  units: null,
  fillPrice: null,
  executedValueBase: null,
  filledAt: null,
  notes,
});
