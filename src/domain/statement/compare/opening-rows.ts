import { tradingDayOf } from '../../calendar/calendar.js';
import { sumsOf, type BookedEntry } from '../../ledger/sums.js';
import { D, Decimal } from '../../money.js';
import type { IsoDate } from '../../types.js';
import type { Statement, StatementEvent } from '../statement.js';
import { movedBy, type LedgerFacts } from './facts.js';
import { beyondEstimate, isWithin, sumOfWorths, type Worths } from './worth.js';

/*
 * Which rows of its own day the ledger's opening has in it already: its figures say so, and where those are of several
 * places of the day, what else is booked of that day.
 */

interface Opened extends Pick<LedgerFacts, 'baseCurrency'> {
  /** Standing entries but those that opened the ledger. */
  sinceOpening: readonly BookedEntry[];
}

/** Rows that the opening has in it already, as they stand first. */
interface RowsBefore {
  count: number;
  /** That nobody can tell how many of its day those are, in a sentence. */
  notes: string[];
}

/**
 * How many rows the opening has in it already. Of those of its own day its figures tell, where the statement comes
 * to the same cash and units at one place; else the instant at which it was booked.
 */
export function rowsBefore(
  statement: Statement,
  opening: readonly BookedEntry[],
  { baseCurrency, sinceOpening }: Opened,
  worths: Worths,
): RowsBefore {
  const [first] = opening;
  if (!first) return { count: 0, notes: [] };
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
  if (!isLater && fitting.some(({ count }) => count === byInstant)) return { count: byInstant, notes: [] };
  const least = Decimal.min(...fitting.map(({ off }) => off), Infinity);
  const nearest = fitting.filter(({ off }) => off.eq(least)).map(({ count }) => count);
  if (nearest.length === 0) return { count: byInstant, notes: [] };
  const ofItsDay = sinceOpening.filter(({ effectiveDate }) => effectiveDate === first.effectiveDate);
  const likely = likeliest(nearest, (count) =>
    entriesTold(events.slice(count, ofDay), ofItsDay, { baseCurrency, worths }),
  );
  // The last of them leaves the fewest rows that nothing books.
  const count = likely.at(-1) ?? byInstant;
  const isMoved = events.slice(likely[0], count).some(({ cash }) => !D(cash).isZero());
  return { count, notes: isMoved ? [undecided(first.effectiveDate, likely, earlier)] : [] };
}

/** Places of several after which the most entries of the day are told. */
function likeliest(places: readonly number[], toldAfter: (count: number) => number): number[] {
  const placed = places.map((count) => ({ count, told: toldAfter(count) }));
  const most = Math.max(...placed.map(({ told }) => told));
  return placed.filter(({ told }) => told === most).map(({ count }) => count);
}

/** That nobody can tell which of several places it is, in a sentence. */
function undecided(date: IsoDate, likely: readonly number[], earlier: number): string {
  const places = likely.map((count) => count - earlier);
  return (
    `Of ${date} cash and units may be what the ledger was opened with after ${places.join(' or ')} rows, and its ` +
    `entries do not tell which: the first ${places.at(-1)} are taken as within the opening.`
  );
}

interface Had {
  units: ReadonlyMap<string, Decimal>;
  cash: Decimal;
}

/**
 * How far the cash is, base currency, from what the ledger opened with after so many rows, and from what estimating may
 * make of that. Null where units or cash are not the opening's there.
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
  const moved = counted.map((event) => ({ worth: worths.ofCash(event), isIn: isIn(event) }));
  const all = [{ worth: first, isIn: true }, ...moved];
  const known = all.flatMap(({ worth }) => worth ?? []);
  if (known.length < all.length) return null;
  const amount = all.reduce((sum, each) => sum.plus((each.worth?.amount ?? D(0)).times(each.isIn ? 1 : -1)), D(0));
  // What of it is exact was rounded nowhere, and nothing is estimated of nothing.
  const there = { ...sumOfWorths(known.filter((worth) => worth.amount.gt(0))), amount };
  return isWithin(there, had.cash, all.length) ? beyondEstimate(there, had.cash) : null;
}

const isIn = ({ cash }: StatementEvent): boolean => D(cash).gt(0);

interface Comparing {
  baseCurrency: string;
  worths: Worths;
}

/** Of how many entries rows tell, each of one, by what they moved of units or else of the cash. */
function entriesTold(rows: readonly StatementEvent[], entries: readonly BookedEntry[], comparing: Comparing): number {
  const free = new Set(entries);
  for (const row of rows) {
    const told = [...free].find((entry) => isToldBy(row, entry, comparing));
    if (told) free.delete(told);
  }
  return entries.length - free.size;
}

function isToldBy(row: StatementEvent, entry: BookedEntry, { baseCurrency, worths }: Comparing): boolean {
  const { kind, symbol, units } = row;
  if (symbol !== null && units !== null)
    return movedBy(entry, 'Assets:Units', symbol).eq(kind === 'OPEN' ? units : D(units).neg());
  const [worth, moved] = [worths.ofCash(row), movedBy(entry, 'Assets:Cash', baseCurrency)];
  return worth !== null && !moved.isZero() && moved.gt(0) === isIn(row) && isWithin(worth, moved.abs());
}
