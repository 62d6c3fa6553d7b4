import { dayNumber } from '../../dates.js';
import { standingEntries, type BookedEntry } from '../../ledger/sums.js';
import { D, toText, type Decimal } from '../../money.js';
import type { Proposal } from '../../reconciliation/proposal.js';
import type { Side } from '../../types.js';
import type { StatementEvent } from '../statement.js';
import { aroundPeriod, type Around } from './edges.js';
import { movedBy, onlyOnce, type LedgerFacts, type TicketOfDay } from './facts.js';
import { lineOf, type StatementLine } from './line.js';
import type { Window } from './window.js';
import { isWithin, readFirst, sumOfWorths, type Worth, type Worths } from './worth.js';
import { groupBy } from '../../group.js';

/** A trade of either side; units and amount above zero. */
interface Trade {
  symbol: string;
  side: Side;
  date: string;
  units: Decimal;
}
interface TradeTold extends Trade {
  event: StatementEvent;
  worth: Worth | null;
}
interface TradeBooked extends Trade {
  entry: BookedEntry;
  amount: Decimal;
}

/** Days that somebody may have dated a fill wrongly by. */
const DAYS_APART = 3;

/** What came of the trades: a line each, and the fees that are in the fills' own amounts. */
export interface TradesCompared {
  lines: StatementLine[];
  feesWithin: ReadonlySet<StatementEvent>;
  /** Entries that a row of another statement tells of. */
  elsewhere: readonly BookedEntry[];
}

/**
 * Holds opens and closes against fills: by symbol, side, date and units, one to one; then all that are left of a day
 * together, for one order may close several positions; then those whose units are of another day. Of a day that two
 * statements tell in part a fill answers one row of either: in the order of their time, so that both say the same.
 * @param fees rows of fees that no entry of their own books
 */
export function compareTrades(
  { events, entries, period }: Pick<Window, 'events' | 'entries' | 'period'>,
  facts: LedgerFacts,
  worths: Worths,
  fees: readonly StatementEvent[],
): TradesCompared {
  const told = groupBy(
    events.flatMap((event) => tradeTold(event, worths)),
    dayOf,
  );
  const booked = groupBy(
    entries.flatMap((entry) => tradeBooked(entry, facts.baseCurrency)),
    dayOf,
  );
  const scope: Scope = {
    facts,
    worths,
    fees: groupBy(fees, ({ positionId }) => positionId),
    filled: new Set(standingEntries(facts.entries).map(lineFilled)),
    feesWithin: new Set(),
    lines: [],
    elsewhere: [],
  };
  const isNear = ({ date }: StatementEvent) => date >= period.first && date <= period.last;
  const beside = groupBy(
    onlyOnce(facts.tradesBeside.filter(isNear)).flatMap((event) => tradeTold(event, worths)),
    dayOf,
  );
  const left = { told: [] as TradeTold[], booked: [] as TradeBooked[] };
  for (const day of new Set([...told.keys(), ...booked.keys()])) {
    const around = aroundPeriod(beside.get(day) ?? [], ({ event }) => event.at, period);
    const rest = matchDay(scope, told.get(day) ?? [], booked.get(day) ?? [], around);
    if (rest.told.length > 0 && rest.booked.length > 0) scope.lines.push(pairLine(scope, rest.told, rest.booked));
    else {
      left.told.push(...rest.told);
      left.booked.push(...rest.booked);
    }
  }
  matchDates(scope, left);
  scope.lines.push(
    ...left.told.map((trade) => missingInLedger(scope, trade)),
    ...left.booked.map((trade) => missingInStatement(scope, trade)),
  );
  return scope;
}

interface Scope extends TradesCompared {
  facts: LedgerFacts;
  worths: Worths;
  /** By the position that they are of. */
  fees: ReadonlyMap<string | null, readonly StatementEvent[]>;
  /** Tickets and symbols of which a fill is booked. */
  filled: ReadonlySet<string>;
  feesWithin: Set<StatementEvent>;
  elsewhere: BookedEntry[];
}

const lineFilled = ({ ticketId, symbol }: Pick<BookedEntry, 'ticketId' | 'symbol'>): string => `${ticketId} ${symbol}`;

const dayOf = ({ symbol, side, date }: Trade): string => `${symbol} ${side} ${date}`;

function tradeTold(event: StatementEvent, worths: Worths): TradeTold[] {
  const { kind, symbol, units, date } = event;
  if ((kind !== 'OPEN' && kind !== 'CLOSE') || symbol === null || units === null) return [];
  return [
    { symbol, side: kind === 'OPEN' ? 'BUY' : 'SELL', date, units: D(units), event, worth: worths.ofCash(event) },
  ];
}

function tradeBooked(entry: BookedEntry, baseCurrency: string): TradeBooked[] {
  if (entry.kind !== 'FILL' || entry.symbol === null) return [];
  const units = movedBy(entry, 'Assets:Units', entry.symbol);
  const amount = movedBy(entry, 'Assets:Cash', baseCurrency).abs();
  const side = units.gt(0) ? 'BUY' : 'SELL';
  return [{ symbol: entry.symbol, side, date: entry.effectiveDate, units: units.abs(), entry, amount }];
}

/** Pairs what both sides say alike of a day, and leaves to other statements what they tell. @returns what is left */
function matchDay(scope: Scope, told: readonly TradeTold[], booked: readonly TradeBooked[], beside: Around<TradeTold>) {
  const leave = (trades: readonly TradeBooked[]) => void scope.elsewhere.push(...trades.map(({ entry }) => entry));
  const before = pairAlike(beside.before, booked);
  const own = pairAlike(told, before.booked);
  const after = pairAlike(beside.after, own.booked);
  leave([...before.pairs, ...after.pairs].map(([, found]) => found));
  for (const [trade, found] of own.pairs) scope.lines.push(pairLine(scope, [trade], [found]));
  const others = [...before.told, ...after.told];
  // One order may have closed several positions there.
  const areOthers = others.length > 0 && unitsOf(others).eq(unitsOf(after.booked));
  if (areOthers) leave(after.booked);
  return { told: own.told, booked: areOthers ? [] : after.booked };
}

/** Pairs trades of the same units, of several those of the nearest amounts, with what is left of either. */
function pairAlike(told: readonly TradeTold[], booked: readonly TradeBooked[]) {
  const waiting = groupBy(booked, ({ units }) => toText(units));
  const rest: TradeTold[] = [];
  const pairs: [told: TradeTold, booked: TradeBooked][] = [];
  for (const trade of told) {
    const alike = waiting.get(toText(trade.units)) ?? [];
    const found = nearest(alike, trade.worth);
    if (found === undefined) rest.push(trade);
    else {
      alike.splice(alike.indexOf(found), 1);
      pairs.push([trade, found]);
    }
  }
  return { pairs, told: rest, booked: [...waiting.values()].flat() };
}

function nearest(booked: readonly TradeBooked[], worth: Worth | null): TradeBooked | undefined {
  if (worth === null || booked.length < 2) return booked[0];
  const off = ({ amount }: TradeBooked) => amount.minus(worth.amount).abs();
  return booked.reduce((best, each) => (off(each).lt(off(best)) ? each : best));
}

/** Pairs what is left by units on days beside each other. */
function matchDates(scope: Scope, left: { told: TradeTold[]; booked: TradeBooked[] }): void {
  const waiting = groupBy(left.booked, ({ symbol, side, units }) => `${symbol} ${side} ${toText(units)}`);
  const unmatched: TradeTold[] = [];
  for (const trade of left.told) {
    const alike = waiting.get(`${trade.symbol} ${trade.side} ${toText(trade.units)}`) ?? [];
    const index = alike.findIndex(({ date }) => Math.abs(dayNumber(date) - dayNumber(trade.date)) <= DAYS_APART);
    const [found] = index === -1 ? [] : alike.splice(index, 1);
    if (found) scope.lines.push(pairLine(scope, [trade], [found]));
    else unmatched.push(trade);
  }
  left.told = unmatched;
  left.booked = [...waiting.values()].flat();
}

const unitsOf = (trades: readonly Trade[]): Decimal => trades.reduce((sum, { units }) => sum.plus(units), D(0));

/** A line of trades that stand for each other. */
function pairLine(scope: Scope, told: readonly TradeTold[], booked: readonly TradeBooked[]): StatementLine {
  const [first, entry] = [told[0], booked[0]] as [TradeTold, TradeBooked];
  const amount = booked.reduce((sum, each) => sum.plus(each.amount), D(0));
  const worth = worthOfAll(told.map((each) => each.worth));
  const difference = differenceOf(scope, { told, booked, worth, amount });
  const what = `${first.side} of ${first.symbol} on ${first.date}`;
  const line = lineOf({
    ...common(first, told),
    difference,
    entryIds: booked.map((each) => each.entry.entryId),
    ledger: { date: entry.date, units: toText(unitsOf(booked)), amount: amount.toFixed(2), tax: null },
    text: difference === null ? `${what}: as booked` : `${what}: ${WORDS[difference]}`,
  });
  // What was worked out at a rate is no reason to change what a human has confirmed.
  if (difference === 'AMOUNT_DIFFERS' && line.isEstimated)
    return { ...line, text: `${line.text} than the rate makes of it, ${readFirst(scope.facts.baseCurrency)}` };
  const ticketId = entry.entry.ticketId;
  return difference === null || ticketId === null ? line : { ...line, proposal: fillsOf(scope, first, ticketId) };
}

type TradeDifference = 'UNITS_DIFFER' | 'AMOUNT_DIFFERS' | 'DATE_DIFFERS';
const WORDS: Record<TradeDifference, string> = {
  UNITS_DIFFER: 'the ledger has other units',
  AMOUNT_DIFFERS: 'the ledger has another amount',
  DATE_DIFFERS: 'the ledger has it on another date',
};

const worthOfAll = (worths: readonly (Worth | null)[]): Worth | null =>
  worths.every((worth) => worth !== null) ? sumOfWorths(worths) : null;

function differenceOf(
  scope: Scope,
  {
    told,
    booked,
    worth,
    amount,
  }: { told: readonly TradeTold[]; booked: readonly TradeBooked[]; worth: Worth | null; amount: Decimal },
): TradeDifference | null {
  if (!unitsOf(told).eq(unitsOf(booked))) return 'UNITS_DIFFER';
  if (told[0]?.date !== booked[0]?.date) return 'DATE_DIFFERS';
  return worth === null || isAsBooked(scope, told, worth, amount) ? null : 'AMOUNT_DIFFERS';
}

/** A fill's value is what cash really changed by: the fees of the trade may be in it. */
function isAsBooked(scope: Scope, told: readonly TradeTold[], worth: Worth, amount: Decimal): boolean {
  const ids = new Set(told.map(({ event }) => event.positionId));
  const fees = [...ids]
    .flatMap((id) => scope.fees.get(id) ?? [])
    .filter(({ at }) => told.some(({ event }) => event.at === at));
  const cost = worthOfAll(fees.map((fee) => scope.worths.ofCash(fee)));
  const sign = told[0]?.side === 'BUY' ? 1 : -1;
  const whole = cost && fees.length > 0 ? { ...worth, amount: worth.amount.plus(cost.amount.times(sign)) } : null;
  if (whole && isWithin(whole, amount, told.length + fees.length)) {
    // Of an estimated amount nobody can tell; a fee that no entry books is in the fill's then.
    const isPlain = !worth.isEstimated && isWithin(worth, amount, told.length);
    if (!isPlain) for (const fee of fees) scope.feesWithin.add(fee);
    return true;
  }
  return isWithin(worth, amount, told.length);
}

const common = (first: TradeTold, told: readonly TradeTold[]) => {
  const worth = worthOfAll(told.map((each) => each.worth));
  return {
    kind: first.side === 'BUY' ? ('OPEN' as const) : ('CLOSE' as const),
    symbol: first.symbol,
    positionIds: told.flatMap(({ event }) => event.positionId ?? []),
    rows: told.map(({ event }) => event.row),
    statement: { date: first.date, units: toText(unitsOf(told)), amount: worth?.amount.toFixed(2) ?? null, tax: null },
    isEstimated: worth?.isEstimated ?? true,
  };
};

function missingInLedger(scope: Scope, trade: TradeTold): StatementLine {
  const { symbol, side, date } = trade;
  const ticket = ticketOf(trade, scope);
  return lineOf({
    ...common(trade, [trade]),
    difference: 'MISSING_IN_LEDGER',
    text:
      `${side} of ${symbol} on ${date}: no entry books it` +
      (ticket
        ? `; ticket ${ticket.ticketId}${ticket.tradingDay === date ? '' : ` of ${ticket.tradingDay}`} has the line`
        : `, and no ticket ordered it: ${NO_TICKET}`),
    proposal: ticket ? fillsOf(scope, trade, ticket.ticketId) : null,
  });
}

/** Fills are booked by their ticket; units alone would be a gift. */
const NO_TICKET =
  'find out who did; a baseline takes it in whole, with --date that of the trade, its units by --position, what was paid by --cash and --cost';

/**
 * The ticket that ordered a trade: of its day; else the newest of some days before it whose line nobody has booked a
 * fill of, for an order that was left over is executed later at times.
 */
function ticketOf(trade: Trade, { facts: { tickets }, filled }: Scope): TicketOfDay | undefined {
  const ordering = tickets.filter(({ lines }) => lines.some(isOf(trade)));
  const isFilled = ({ ticketId }: TicketOfDay) => filled.has(lineFilled({ ticketId, symbol: trade.symbol }));
  const daysTo = ({ tradingDay }: TicketOfDay) => dayNumber(trade.date) - dayNumber(tradingDay);
  return (
    ordering.find(({ tradingDay }) => tradingDay === trade.date) ??
    ordering.findLast((ticket) => daysTo(ticket) > 0 && daysTo(ticket) <= DAYS_APART && !isFilled(ticket))
  );
}

const isOf =
  ({ symbol, side }: Pick<Trade, 'symbol' | 'side'>) =>
  (line: { symbol: string; side: Side }): boolean =>
    line.symbol === symbol && line.side === side;

/** To confirm the line of a ticket, or to amend what was confirmed of it. */
function fillsOf({ facts }: Scope, trade: Trade, ticketId: string): Proposal | null {
  const ticket = facts.tickets.find((each) => each.ticketId === ticketId);
  const sequences = ticket?.lines.filter(isOf(trade)).map(({ sequence }) => sequence) ?? [];
  if (!ticket || sequences.length === 0) return null;
  return { kind: 'CONFIRM_FILLS', ticketId, sequences, ...(ticket.isConfirmed && { amends: true }) };
}

function missingInStatement(scope: Scope, trade: TradeBooked): StatementLine {
  const { entry, symbol, side, date, units, amount } = trade;
  return lineOf({
    kind: side === 'BUY' ? 'OPEN' : 'CLOSE',
    difference: 'MISSING_IN_STATEMENT',
    symbol,
    entryIds: [entry.entryId],
    ledger: { date, units: toText(units), amount: amount.toFixed(2), tax: null },
    text: `${side} of ${symbol} on ${date}: entry ${entry.entryId} books it, and the broker knows nothing of it`,
    proposal: entry.ticketId === null ? null : fillsOf(scope, trade, entry.ticketId),
  });
}
