import { dayNumber } from '../../dates.js';
import { unitsTakingPart, type BookedEntry } from '../../ledger/sums.js';
import { D, Decimal } from '../../money.js';
import type { IsoDate } from '../../types.js';
import type { StatementEvent } from '../statement.js';
import { movedBy, type LedgerFacts } from './facts.js';
import type { Window } from './window.js';

/*
 * Which rows are of one split. The broker writes a row for each position, of several some days apart; two splits of one
 * symbol may be as near to each other, and tell themselves apart by their ratios, or by a position that has both.
 */

/** Days between an ex-date and the row that the broker writes of it. */
const DAYS_APART = 7;

/** A split as the statement tells it, once a symbol, whatever number of positions it was of. */
export interface Split {
  symbol: string;
  events: StatementEvent[];
  /** New shares for one old share; null where nobody can tell. */
  ratio: Decimal | null;
  published: boolean;
  /** As a source tells it, or an entry; else the date of the row, which comes up to a week later. */
  exDate: IsoDate;
  entry: BookedEntry | null;
  /** Another split beside which this one cannot be as it is told. */
  rival: Rival | null;
}

interface Rival {
  event: StatementEvent;
  /** A position that was held through both has a row of one of them alone; else both are of one date. */
  isApart: boolean;
}

/** What a statement tells of splits, each with what a source tells of it and the entry that books it. */
export function splitsOf({ events, entries, carried, period }: Window, facts: LedgerFacts): Split[] {
  const groups = groupsOf(events.filter(({ kind }) => kind === 'SPLIT'));
  const actions = given(groups, facts.actions, {
    dateOf: ({ exDate }) => exDate,
    isFit: ({ value }, event) => isWritten(event, D(value)),
  });
  const ratioOf = ([event]: Rows) => {
    const action = actions.get(event);
    return action ? D(action.value) : statedRatio(event);
  };
  const isOf = (entry: BookedEntry, event: StatementEvent) => isOfRatio(entry, event, ratioOf([event]), facts.entries);
  const beside = facts.toldBeside.filter(({ kind }) => kind === 'SPLIT');
  const booked = given(groups, [...new Set([...entries, ...carried])], {
    dateOf: ({ effectiveDate }) => effectiveDate,
    isFit: isOf,
    isOther: (entry) => beside.some((event) => event.symbol === entry.symbol && isOf(entry, event)),
  });
  const splits = groups.map((rows) => {
    const [event] = rows;
    const [action, entry = null] = [actions.get(event), booked.get(event)];
    return {
      symbol: event.symbol ?? '',
      events: rows,
      ratio: ratioOf(rows) ?? (entry && bookedRatio(entry, facts.entries)),
      published: action !== undefined,
      exDate: action?.exDate ?? entry?.effectiveDate ?? event.date,
      entry,
      rival: null,
    };
  });
  return splits.map((split) => {
    const [rival] = splits.flatMap((other) =>
      other === split ? [] : (rivalOf(split, other, { events, period }) ?? []),
    );
    return rival ? { ...split, ratio: null, rival } : split;
  });
}

/** At least one. */
type Rows = [StatementEvent, ...StatementEvent[]];

/** Rows that stand for one split: of one ratio, and of a position one of them. */
export function groupsOf(events: readonly StatementEvent[]): Rows[] {
  const groups: Rows[] = [];
  for (const event of events) {
    // The last of them is the nearest.
    const own = groups.findLast((rows) => isOneOf(rows, event));
    if (own) own.push(event);
    else groups.push([event]);
  }
  return groups;
}

function isOneOf(rows: Rows, event: StatementEvent): boolean {
  const [first] = rows;
  const { symbol, date, positionId } = event;
  const isSame = first.symbol === symbol && isNear(first.date, date) && writtenRatio(first).eq(writtenRatio(event));
  return isSame && !rows.some((row) => row.positionId === positionId && row.date !== date);
}

/** Whether two dates are no more than some days apart. */
export const isNear = (date: IsoDate, other: IsoDate, days = DAYS_APART): boolean =>
  Math.abs(dayNumber(date) - dayNumber(other)) <= days;

interface Giving<T> {
  dateOf(one: T): IsoDate;
  isFit(one: T, event: StatementEvent): boolean;
  /** Whether it is of a split that another statement tells, though it is as near. */
  isOther?(one: T): boolean;
}

/** What is of each split, by its first row, each of one: first what fits, then what else is near, the nearest. */
function given<T extends { kind: string; symbol: string | null }>(
  groups: readonly Rows[],
  all: readonly T[],
  { dateOf, isFit, isOther = () => false }: Giving<T>,
): Map<StatementEvent, T> {
  const found = new Map<StatementEvent, T>();
  const taken = new Set<T>();
  const pairs = groups
    .flatMap(([event]) => all.map((one) => ({ event, one })))
    .filter(({ event, one }) => one.kind === 'SPLIT' && one.symbol === event.symbol)
    .map((pair) => ({ ...pair, apart: Math.abs(dayNumber(dateOf(pair.one)) - dayNumber(pair.event.date)) }))
    .filter(({ apart }) => apart <= DAYS_APART)
    .toSorted((a, b) => a.apart - b.apart);
  for (const isOf of [isFit, (one: T) => !isOther(one)])
    for (const { event, one } of pairs) {
      if (found.has(event) || taken.has(one) || !isOf(one, event)) continue;
      found.set(event, one);
      taken.add(one);
    }
  return found;
}

/**
 * What of another split is against one near it: shares that were held through both have a row of both, and the ledger
 * books one of a symbol and date.
 */
function rivalOf(one: Split, other: Split, { events, period }: Pick<Window, 'events' | 'period'>): Rival | null {
  const [[first], [second]] = [one.events as Rows, other.events as Rows];
  if (one.symbol !== other.symbol || !isNear(first.date, second.date)) return null;
  const isMissed = (of: Split, than: Split) => {
    const [{ date }] = than.events as Rows;
    // What is missing there may be told by the statement before or after this one.
    if (isNear(date, period.first) || isNear(date, period.last)) return false;
    const has = new Set(than.events.map(({ positionId }) => positionId));
    return of.events.some(({ positionId }) => !has.has(positionId) && isHeldAt(than, positionId, events));
  };
  const isApart = isMissed(one, other) || isMissed(other, one);
  return isApart || one.exDate === other.exDate ? { event: second, isApart } : null;
}

/** Whether a position was there when a split came: neither opened since, nor closed whole before its rows. */
function isHeldAt(
  { exDate, events: rows }: Split,
  positionId: string | null,
  events: readonly StatementEvent[],
): boolean {
  const last = rows.at(-1)?.at ?? '';
  const own = events.filter((event) => event.positionId === positionId);
  return !own.some(({ kind, date, at }) => (kind === 'OPEN' && date >= exDate) || (kind === 'CLOSE' && at < last));
}

/** The ratio as a row writes it. */
const writtenRatio = ({ ratio }: StatementEvent): Decimal => D(ratio?.first ?? 1).div(ratio?.second ?? 1);

/** The ratio that a row says itself; null of a reverse split, of which nobody has said which side stands first. */
export const statedRatio = (event: StatementEvent): Decimal | null =>
  writtenRatio(event).gt(1) ? writtenRatio(event) : null;

/** Whether a row says this ratio, whichever way round. */
export function isWritten(event: StatementEvent, of: Decimal): boolean {
  const written = writtenRatio(event);
  const isSame = (ratio: Decimal) => ratio.minus(of).abs().lt(of.times(SAME_RATIO));
  return isSame(written) || isSame(D(1).div(written));
}

/** Ratios are written to a few digits, and units to six decimals. */
const SAME_RATIO = '0.0001';
const UNITS_ROUNDED = '0.000001';

/** Whether an entry may be the split of a row, whose ratio is known or not. */
function isOfRatio(
  entry: BookedEntry,
  event: StatementEvent,
  ratio: Decimal | null,
  entries: readonly BookedEntry[],
): boolean {
  if (ratio !== null) return isBookedAs(entry, ratio, entries);
  const booked = bookedRatio(entry, entries);
  return booked === null || isWritten(event, booked);
}

/** The ratio that an entry was booked with, by the units before it; null where the ledger held none. */
function bookedRatio(entry: BookedEntry, entries: readonly BookedEntry[]): Decimal | null {
  const { before, moved } = unitsOfSplit(entry, entries);
  return before.gt(0) ? before.plus(moved).div(before) : null;
}

/** Whether an entry moved the units that a ratio makes of those before it; so it is where the ledger held none. */
export function isBookedAs(entry: BookedEntry, ratio: Decimal, entries: readonly BookedEntry[]): boolean {
  const { before, moved } = unitsOfSplit(entry, entries);
  const due = before.times(ratio);
  const leeway = Decimal.max(due.times(SAME_RATIO), UNITS_ROUNDED);
  return before.lte(0) || before.plus(moved).minus(due).abs().lte(leeway);
}

function unitsOfSplit(entry: BookedEntry, entries: readonly BookedEntry[]): { before: Decimal; moved: Decimal } {
  const symbol = entry.symbol ?? '';
  const before = unitsTakingPart(entries, symbol, entry.effectiveDate, entry);
  return { before, moved: movedBy(entry, 'Assets:Units', symbol) };
}
