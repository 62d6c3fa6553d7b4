import { tradingDayOf } from '../../calendar/calendar.js';
import { refusal } from '../../errors.js';
import { standingEntries, sumsOf, type BookedEntry } from '../../ledger/sums.js';
import { D, type Decimal } from '../../money.js';
import type { IsoDate } from '../../types.js';
import { toldUntil } from '../overlap.js';
import type { Statement, StatementEvent } from '../statement.js';
import { edgeOf, isOfPeriod, periodOf, type Edge, type Period } from './edges.js';
import type { LedgerFacts } from './facts.js';
import { isWithin, type Worths } from './worth.js';

/** What of both sides is compared. */
export interface Window {
  /** Dates that the statement is of, both included. */
  from: IsoDate;
  to: IsoDate;
  /** What of the ledger's days that is. */
  period: Period;
  /** Rows of the statement since the ledger was opened. */
  events: StatementEvent[];
  /** How many rows are from before. */
  before: number;
  /** Standing entries that were in the ledger before the first row that is compared. */
  carried: BookedEntry[];
  /** Standing entries that a row of the period may tell of. */
  entries: BookedEntry[];
  /** Those of them whose row may be outside of it. */
  edges: ReadonlyMap<BookedEntry, Edge>;
}

/**
 * The period that both sides know: from the statement's start, or from when the ledger was opened in it, to its end
 * or to when it was made.
 * @throws OpsError STATEMENT_BEFORE_LEDGER
 */
export function windowOf(statement: Statement, facts: LedgerFacts, worths: Worths): Window {
  const standing = standingEntries(facts.entries);
  const opening = openingOf(standing);
  const until = toldUntil(statement);
  const [start, to] = [statement.from.slice(0, 10), until.slice(0, 10)];
  const openedOn = opening[0]?.effectiveDate ?? start;
  if (openedOn > to)
    throw refusal('STATEMENT_BEFORE_LEDGER', `the statement ends on ${to}, and the ledger was opened on ${openedOn}`, {
      remedy: 'nothing was stored; import a statement of a later period',
    });
  const from = openedOn > start ? openedOn : start;
  const before = openedOn < start ? 0 : rowsBefore(statement, opening, facts, worths);
  const isOpening = new Set(opening);
  const period = periodOf(statement.from, until);
  // What was booked since the opening is from after it, whichever hour that was.
  const known = openedOn >= start && opening.length > 0 ? { ...period, first: from, startsWhole: true } : period;
  const entries = standing.filter(
    (entry) => !isOpening.has(entry) && entry.effectiveDate >= openedOn && isOfPeriod(entry, known),
  );
  return {
    from,
    to,
    period: known,
    before,
    events: statement.events.slice(before),
    carried: standing.filter((entry) => isOpening.has(entry) || entry.effectiveDate < from),
    entries,
    edges: new Map(
      entries.flatMap((entry): [BookedEntry, Edge][] => {
        const edge = edgeOf(entry, known);
        return edge === null ? [] : [[entry, edge]];
      }),
    ),
  };
}

/**
 * What the ledger had before the rows that were compared, and what of it they came to, once it is known which entries
 * at the edges they tell of: the others of the first day were before, and those of the last are after.
 */
export function settledWindow(window: Window, told: ReadonlySet<number>): Pick<Window, 'carried' | 'entries'> {
  const { carried, edges } = window;
  const isCarried = new Set(carried);
  const isUntold = (entry: BookedEntry, side: Edge['side']) =>
    edges.get(entry)?.side === side && !told.has(entry.entryId);
  const isOfBefore = (entry: BookedEntry) => edges.get(entry)?.isPart === true || entry.kind === 'SPLIT';
  const earlier = window.entries.filter(
    (entry) => !isCarried.has(entry) && isUntold(entry, 'START') && isOfBefore(entry),
  );
  const isEarlier = new Set(earlier);
  return {
    carried: [...carried, ...earlier],
    entries: window.entries.filter(
      (entry) => !isCarried.has(entry) && !isEarlier.has(entry) && !isUntold(entry, 'END'),
    ),
  };
}

/** The entries that opened the ledger: its OPENING, or the baselines that it begins with. */
function openingOf(standing: readonly BookedEntry[]): BookedEntry[] {
  const opening = standing.find(({ kind }) => kind === 'OPENING');
  if (opening) return [opening];
  const [first] = standing.toSorted((a, b) => a.entryId - b.entryId);
  if (first?.kind !== 'BASELINE') return [];
  return standing.filter(({ kind, effectiveDate }) => kind === 'BASELINE' && effectiveDate === first.effectiveDate);
}

/**
 * How many rows the opening has in it already. Of those of its own day its figures tell, where the statement comes
 * to the same cash and units at one place; else the instant at which it was booked.
 */
function rowsBefore(
  statement: Statement,
  opening: readonly BookedEntry[],
  { baseCurrency }: LedgerFacts,
  worths: Worths,
): number {
  const [first] = opening;
  if (!first) return 0;
  const { events } = statement;
  const earlier = events.filter(({ date }) => date < first.effectiveDate).length;
  const ofDay = events.filter(({ date }) => date <= first.effectiveDate).length;
  const isLater = tradingDayOf(first.bookedAt) > first.effectiveDate;
  const byInstant = isLater ? ofDay : events.filter(({ at }, index) => index < ofDay && at <= first.bookedAt).length;
  const had = {
    units: sumsOf(opening, 'Assets:Units'),
    cash: sumsOf(opening, 'Assets:Cash').get(baseCurrency) ?? D(0),
  };
  const fitting = Array.from({ length: ofDay - earlier + 1 }, (_, index) => earlier + index).flatMap((count) => {
    const off = offFromOpening(statement, count, had, worths);
    return off === null ? [] : [{ count, off }];
  });
  // Booked on a later day its instant tells nothing of the place, and rows of pennies may be within what is rounded.
  if (!isLater && fitting.some(({ count }) => count === byInstant)) return byInstant;
  return fitting.toSorted((a, b) => b.off.comparedTo(a.off)).at(-1)?.count ?? byInstant;
}

interface Had {
  units: ReadonlyMap<string, Decimal>;
  cash: Decimal;
}

/**
 * How far the cash is, base currency, from what the ledger opened with after so many rows; none where it was worked out
 * at rates, of which the nearest is no likelier. Null where units or cash are not the opening's there.
 */
function offFromOpening({ cash, events, from }: Statement, count: number, had: Had, worths: Worths): Decimal | null {
  const counted = events.slice(0, count);
  const units = new Map<string, Decimal>();
  for (const { kind, symbol, units: moved } of counted) {
    if (symbol === null || moved === null) continue;
    units.set(symbol, (units.get(symbol) ?? D(0)).plus(kind === 'OPEN' ? moved : D(moved).neg()));
  }
  const symbols = new Set([...had.units.keys(), ...units.keys()]);
  if (![...symbols].every((symbol) => (had.units.get(symbol) ?? D(0)).eq(units.get(symbol) ?? 0))) return null;
  if (cash.before === null) return null;
  const first = worths.ofFigure({ amount: cash.before, display: null }, from.slice(0, 10));
  const moved = counted.map((event) => ({ worth: worths.ofCash(event), isIn: D(event.cash).gt(0) }));
  const all = [{ worth: first, isIn: true }, ...moved];
  const known = all.flatMap(({ worth }) => worth ?? []);
  if (known.length < all.length) return null;
  const there = all.reduce((sum, { worth, isIn }) => sum.plus((worth?.amount ?? D(0)).times(isIn ? 1 : -1)), D(0));
  const isEstimated = known.some((worth) => worth.isEstimated && worth.amount.gt(0));
  // What of it is exact was rounded nowhere.
  const isRounded = known.some((worth) => worth.isRounded === true);
  if (!isWithin({ amount: there, isEstimated, isRounded }, had.cash, all.length)) return null;
  return isEstimated ? D(0) : there.minus(had.cash).abs();
}
