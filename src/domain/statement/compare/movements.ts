import { dayNumber } from '../../dates.js';
import type { EntryKind } from '../../ledger/entries.js';
import type { BookedEntry } from '../../ledger/sums.js';
import { D, toText } from '../../money.js';
import type { Proposal } from '../../reconciliation/proposal.js';
import { isCancelled, isConversion } from '../activity-types.js';
import type { StatementEvent } from '../statement.js';
import { aroundPeriod, type Around } from './edges.js';
import { besidePeriod, isSplitByAnother, mayBe, movedBy, MOVEMENT_DAYS, type LedgerFacts } from './facts.js';
import { lineOf, type StatementLine } from './line.js';
import { shelfOf, type Booked, type Kind, type Shelf, type Told } from './shelf.js';
import type { Window } from './window.js';
import { isWithin, readFirst, sumOfWorths, type Worths } from './worth.js';

/** Kinds of movements of cash, and what would book one. */
const BOOKINGS: Record<Kind, CashProposal['kind']> = {
  DEPOSIT: 'BOOK_DEPOSIT',
  WITHDRAWAL: 'BOOK_WITHDRAWAL',
  FEE: 'BOOK_FEE',
  INTEREST: 'BOOK_INTEREST',
};
type CashProposal = Extract<Proposal, { kind: 'BOOK_DEPOSIT' | 'BOOK_WITHDRAWAL' | 'BOOK_FEE' | 'BOOK_INTEREST' }>;

/** What was asked for, and what cancelled it. */
type Cancelled = readonly [request: Told, cancellation: Told];

/** Movements of both sides that nothing has matched yet. */
export interface Movements {
  told: Told[];
  /** Pairs that came to nothing within the statement. */
  cancelled: Cancelled[];
  booked: Shelf;
  /** Those from beyond the period that are so near that a row may be theirs. */
  near: Shelf;
  /** What other statements tell of days some days beyond the period, before it and after. */
  beside: Around<Told>;
  /** What of the booked the rows of those tell of. */
  elsewhere: BookedEntry[];
  /** Standing entries whose money a row may give or take back, whatever booked them. */
  earlier: readonly BookedEntry[];
  /** What is proposed to be booked already, for a second one alike has to say that it is another. */
  proposed: Set<string>;
  baseCurrency: string;
}

/**
 * Deposits, withdrawals, fees and interest of both sides; a request and its cancellation stand aside.
 * @param back rows that take back a dividend of an earlier period
 */
export function movementsOf(
  { events, entries, period }: Pick<Window, 'events' | 'entries' | 'period'>,
  back: readonly StatementEvent[],
  facts: LedgerFacts,
  worths: Worths,
): Movements {
  const { baseCurrency } = facts;
  const isBack = new Set(back);
  const toldOf = (event: StatementEvent) => toldAs(isBack.has(event) ? 'FEE' : event.kind, event, worths);
  const pairs = cancelledIn(events).filter(([asked, taken]) => !isSplitByAnother(asked.at, taken.at, facts));
  const aside = new Set(pairs.flat());
  const told = events.filter((event) => !aside.has(event)).flatMap(toldOf);
  const cancelled = pairs.flatMap(([asked, taken]): Cancelled[] => {
    const [request, cancellation] = [...toldOf(asked), ...toldOf(taken)];
    return request && cancellation ? [[request, cancellation]] : [];
  });
  const bookedOf = (entry: BookedEntry): Booked[] => {
    const { kind } = entry;
    if (!isKind(kind)) return [];
    const moved = movedBy(entry, 'Assets:Cash', baseCurrency);
    return [{ kind, isIn: moved.gt(0), entry, amount: moved.abs() }];
  };
  const outside = besidePeriod(facts, entries);
  const near = shelfOf(nearTo(told, outside.flatMap(bookedOf)));
  const beside = facts.toldBeside.flatMap((event) => toldAs(isPaidBack(event) ? 'FEE' : event.kind, event, worths));
  takeTold(near, beside);
  const booked = shelfOf(entries.flatMap(bookedOf));
  return {
    told,
    cancelled,
    booked,
    near,
    beside: aroundPeriod(beside, ({ event }) => event.at, period),
    elsewhere: [],
    earlier: [...outside, ...entries],
    proposed: new Set(),
    baseCurrency,
  };
}

/** A row as a movement of cash; nothing where it is none, or moves none. */
function toldAs(as: StatementEvent['kind'], event: StatementEvent, worths: Worths): Told[] {
  const kind = byWay(as, event);
  if (!isKind(kind) || D(event.cash).isZero()) return [];
  return [{ kind, isIn: D(event.cash).gt(0), event, worth: worths.ofCash(event) }];
}

const isPaidBack = ({ kind, cash }: StatementEvent): boolean => kind === 'DIVIDEND' && D(cash).lt(0);

/** Takes away what another statement tells of on its very day: no row of this one is that. @returns what it was */
function takeTold(shelf: Shelf, beside: readonly Told[]): BookedEntry[] {
  return beside.flatMap((told) => {
    const found = alikeOf(shelf, told);
    if (found === undefined) return [];
    shelf.take(found);
    return [found.entry];
  });
}

/** Rows are by time: the first and the last one tell which entries any of them may be. */
function nearTo(told: readonly Told[], beside: readonly Booked[]): Booked[] {
  const [first, last] = [told[0], told.at(-1)];
  if (!first || !last) return [];
  const [from, to] = [dayNumber(first.event.date) - MOVEMENT_DAYS, dayNumber(last.event.date) + MOVEMENT_DAYS];
  return beside.filter(({ entry }) => {
    const day = dayNumber(entry.effectiveDate);
    return day >= from && day <= to;
  });
}

/** Kinds whose money comes, and what they are where it went; and the other way round. */
const OTHER_WAY: Record<Kind, Kind> = {
  DEPOSIT: 'WITHDRAWAL',
  WITHDRAWAL: 'DEPOSIT',
  INTEREST: 'FEE',
  FEE: 'INTEREST',
};

/**
 * What the ledger books a row as, by the way its money went. A fee that came back did so on a date of its own: it is
 * income as interest is, and counts in performance as the fee did, which stays; money that was asked for and came back
 * is a deposit likewise. A dividend that was taken back is a cost, booked as a fee, for until then the money was there;
 * so is interest that went. Whatever else the broker set right is income or a cost. A conversion fee that brings money
 * carries deposits that moved the balance in no row of their own: what arrived of them is one.
 */
function byWay(kind: StatementEvent['kind'], { cash, type }: StatementEvent): StatementEvent['kind'] {
  const isIn = D(cash).gt(0);
  if (kind === 'ADJUSTMENT') return isIn ? 'INTEREST' : 'FEE';
  if (!isKind(kind) || isIn === (kind === 'DEPOSIT' || kind === 'INTEREST')) return kind;
  return kind === 'FEE' && isConversion(type) ? 'DEPOSIT' : OTHER_WAY[kind];
}

const isKind = (kind: string): kind is Kind => Object.hasOwn(BOOKINGS, kind);

/** What was asked for with what cancelled it, where both are in the statement: each cancels the newest one above it. */
function cancelledIn(events: readonly StatementEvent[]): [request: StatementEvent, cancellation: StatementEvent][] {
  const open = new Map<string, StatementEvent[]>();
  return events
    .toSorted((a, b) => a.row - b.row)
    .flatMap((event): [StatementEvent, StatementEvent][] => {
      const cancels = isCancelled(event.type);
      const type = event.type.replace(/ cancelled$/i, '').toLowerCase();
      const key = `${type} ${toText(cancels ? D(event.cash).neg() : D(event.cash))}`;
      const requests = open.get(key) ?? [];
      if (!cancels) {
        open.set(key, requests);
        requests.push(event);
        return [];
      }
      const request = requests.pop();
      return request === undefined ? [] : [[request, event]];
    });
}

/**
 * Takes out of the movements what both sides say alike: of one kind, date and amount. A pair that came to nothing is
 * told where the ledger has booked one of the two, for another statement may tell of that one alone. Of a day that two
 * statements tell in part an entry answers one row of either: in the order of their time, so that both say the same.
 * @returns a line each
 */
export function matchAlike(movements: Movements): StatementLine[] {
  const { booked, beside, elsewhere } = movements;
  elsewhere.push(...takeTold(booked, beside.before));
  const lines = matchTold(movements);
  const left = [movements.told];
  for (const pair of movements.cancelled)
    if (pair.some((told) => alikeOf(movements.booked, told) !== undefined)) {
      movements.told = [...pair];
      lines.push(...matchTold(movements));
      left.push(movements.told);
    }
  movements.told = left.flat();
  elsewhere.push(...takeTold(booked, beside.after));
  return lines;
}

function matchTold(movements: Movements): StatementLine[] {
  const lines: StatementLine[] = [];
  const left: Told[] = [];
  for (const told of movements.told) {
    const found = alikeOf(movements.booked, told);
    if (told.worth?.amount.isZero()) lines.push(nothingLine(told, movements));
    else if (found) lines.push(pairLine(movements, told, found, null));
    else left.push(told);
  }
  movements.told = left;
  return lines;
}

const alikeOf = (booked: Shelf, told: Told): Booked | undefined =>
  booked.same(told) ??
  nearest(
    booked.around(told, 0).filter(({ amount }) => told.worth === null || isWithin(told.worth, amount)),
    told,
  );

/** What is left of either side: the same amount on another date, another amount on the same date, or nothing at all. */
export function settleRest(movements: Movements): StatementLine[] {
  const lines: StatementLine[] = [];
  const settle = (days: number, difference: 'DATE_DIFFERS' | 'AMOUNT_DIFFERS') => {
    const left: Told[] = [];
    for (const told of movements.told) {
      const of = movements.booked.around(told, days);
      const found = nearest(
        difference === 'DATE_DIFFERS'
          ? of.filter(({ amount }) => told.worth !== null && isWithin(told.worth, amount))
          : of,
        told,
      );
      if (found) lines.push(pairLine(movements, told, found, difference));
      else left.push(told);
    }
    movements.told = left;
  };
  settle(MOVEMENT_DAYS, 'DATE_DIFFERS');
  settle(0, 'AMOUNT_DIFFERS');
  return [
    ...lines,
    // In the order in which they are printed, and typed.
    ...movements.told.toSorted(byRow).map((told) => missingInLedger(told, movements)),
    ...movements.booked.left().map(missingInStatement),
  ];
}

const byRow = (a: Told, b: Told): number => a.event.row - b.event.row;

function nearest(booked: readonly Booked[], { worth, event }: Told): Booked | undefined {
  const off = ({ amount, entry }: Booked) =>
    amount
      .minus(worth?.amount ?? amount)
      .abs()
      .plus(Math.abs(dayNumber(entry.effectiveDate) - dayNumber(event.date)) / 1000);
  return booked.length === 0 ? undefined : booked.reduce((best, each) => (off(each).lt(off(best)) ? each : best));
}

const sideOf = ({ event, worth }: Told) => ({
  date: event.date,
  units: null,
  amount: worth?.amount.toFixed(2) ?? null,
  tax: null,
});

const common = (told: Told) => ({
  kind: told.event.kind === 'DIVIDEND' ? told.event.kind : told.kind,
  symbol: told.event.symbol,
  positionIds: told.event.positionId === null ? [] : [told.event.positionId],
  rows: [told.event.row],
  statement: sideOf(told),
  isEstimated: told.worth?.isEstimated ?? true,
});

/** A row as it calls itself; of a dividend that was taken back, what it was. */
const nameOf = ({ kind, type, symbol }: StatementEvent): string =>
  kind === 'DIVIDEND' ? `${type} of ${symbol} taken back` : type;

const bookedSide = ({ entry, amount }: Booked) => ({
  date: entry.effectiveDate,
  units: null,
  amount: amount.toFixed(2),
  tax: null,
});

/** Money that comes to less than half a penny in the account's currency: no entry can have that. */
const nothingLine = (told: Told, { baseCurrency }: Movements): StatementLine =>
  lineOf({
    ...common(told),
    text: `${nameOf(told.event)} on ${told.event.date}: 0.00 in ${baseCurrency}, so that there is nothing to book`,
  });

function pairLine(
  movements: Movements,
  told: Told,
  booked: Booked,
  difference: 'DATE_DIFFERS' | 'AMOUNT_DIFFERS' | null,
): StatementLine {
  movements.booked.take(booked);
  const { entryId } = booked.entry;
  const { date } = told.event;
  const isGuess = difference === 'AMOUNT_DIFFERS' && told.worth?.isEstimated !== false;
  const words = pairWords(entryId, difference, isGuess ? movements.baseCurrency : null);
  return lineOf({
    ...common(told),
    difference,
    entryIds: [entryId],
    ledger: bookedSide(booked),
    text: `${nameOf(told.event)} on ${date}: ${words}`,
    proposal: difference === null || isGuess ? null : { kind: 'REVERSE_ENTRY', entryId },
  });
}

/** @param untold the currency in which the statement does not say the amount that differs; null where it does */
function pairWords(
  entryId: number,
  difference: 'DATE_DIFFERS' | 'AMOUNT_DIFFERS' | null,
  untold: string | null,
): string {
  if (difference === null) return 'as booked';
  if (untold !== null) return `entry ${entryId} has another amount than the rate makes of it, ${readFirst(untold)}`;
  const what = difference === 'DATE_DIFFERS' ? 'another date' : 'another amount';
  return `entry ${entryId} has ${what}: reverse it, then import again for what is to be booked`;
}

function missingInLedger(told: Told, movements: Movements): StatementLine {
  const { event, worth } = told;
  const { baseCurrency } = movements;
  const alike = movements.near.around(told, MOVEMENT_DAYS).filter(({ amount }) => worth && isWithin(worth, amount));
  const other = nearest(alike, told);
  if (other !== undefined) {
    movements.near.take(other);
    const text =
      `${nameOf(event)} on ${event.date}: ${mayBe(other.entry)}; ` +
      'if not, import the statement that tells of that entry too, and this one is proposed';
    return lineOf({ ...common(told), difference: 'MISSING_IN_LEDGER', text });
  }
  const proposal = bookingOf(told, movements);
  const cancelling = isPaired(told, movements) ? '' : backWords(told, movements);
  const about = worth === null ? '' : `, ~${worth.amount.toFixed(2)}`;
  const unsaid =
    proposal.amount === undefined
      ? `; the statement does not say the amount in ${baseCurrency}${about}: read it at eToro`
      : '';
  return lineOf({
    ...common(told),
    difference: 'MISSING_IN_LEDGER',
    text: `${nameOf(event)} on ${event.date}: no entry books it${cancelling}${unsaid}`,
    proposal,
  });
}

const isPaired = (told: Told, { cancelled }: Movements): boolean => cancelled.some((pair) => pair.includes(told));

/** What of the ledger a row gives or takes back, by what that was booked as. */
const GIVEN_BACK: Partial<Record<Kind, EntryKind[]>> = {
  DEPOSIT: ['WITHDRAWAL'],
  INTEREST: ['FEE'],
  FEE: ['DIVIDEND', 'RETURN_OF_CAPITAL'],
};

/** Whether a row takes another back, by its name or by its sign. */
const takesBack = ({ event }: Told): boolean => isCancelled(event.type) || event.kind === 'DIVIDEND';

/**
 * What a row takes back that was before the period, as it is booked: a dividend on several positions as one entry, and
 * their rows take it back together.
 */
function takenBack(told: Told, { earlier, told: left, baseCurrency }: Movements): BookedEntry | undefined {
  const { kind, isIn, event } = told;
  const { symbol, date } = event;
  const together = left.filter(
    (each) => takesBack(each) && each.kind === kind && each.event.symbol === symbol && each.event.date === date,
  );
  const isOf = (group: readonly Told[]) => {
    const worths = group.flatMap(({ worth }) => worth ?? []);
    const worth = worths.length === group.length ? sumOfWorths(worths) : null;
    return (entry: BookedEntry) => {
      const moved = movedBy(entry, 'Assets:Cash', baseCurrency);
      return (
        (GIVEN_BACK[kind] ?? []).includes(entry.kind) &&
        (symbol === null || entry.symbol === symbol) &&
        moved.gt(0) !== isIn &&
        entry.effectiveDate <= date &&
        worth !== null &&
        isWithin(worth, moved.abs(), group.length)
      );
    };
  };
  return earlier.findLast(isOf([told])) ?? (symbol === null ? undefined : earlier.findLast(isOf(together)));
}

/** What is said of a row that takes another back: what it takes back stays booked, for until then the cash was so. */
function backWords(told: Told, movements: Movements): string {
  if (!takesBack(told)) return '';
  const [does, was] = told.isIn ? ['cancels', 'gone'] : ['takes back', 'there'];
  const earlier = takenBack(told, movements);
  if (earlier === undefined)
    return `; no entry books what it ${does}: the statement before tells it, or it was before the ledger was opened`;
  const { entryId, effectiveDate } = earlier;
  return `; it ${does} entry ${entryId} of ${effectiveDate}, which stays, for until then the money was ${was}`;
}

/** What would book it; its amount is left to be typed where the statement does not say it. */
function bookingOf({ kind, event, worth }: Told, { earlier, proposed, baseCurrency }: Movements): CashProposal {
  const figures = `${kind} ${event.date} ${worth?.amount.toFixed(2)}`;
  const isSecond = proposed.has(figures);
  proposed.add(figures);
  const isThere = earlier.some((entry) => {
    const moved = movedBy(entry, 'Assets:Cash', baseCurrency).abs();
    const isAlike = worth !== null && (worth.isEstimated ? isWithin(worth, moved) : moved.eq(worth.amount));
    return entry.kind === kind && entry.effectiveDate === event.date && isAlike;
  });
  return {
    kind: BOOKINGS[kind],
    // What was worked out at a rate is no fact.
    ...(worth !== null && !worth.isEstimated && { amount: worth.amount.toFixed(2) }),
    date: event.date,
    // Booked as another kind than the row's own, nothing else would say what it was.
    ...(kind !== event.kind && { notes: nameOf(event) }),
    // Every entry of the day is a row's already: whoever books this one books a second one alike.
    ...((isThere || isSecond) && { another: true as const }),
  };
}

const missingInStatement = (booked: Booked): StatementLine =>
  lineOf({
    kind: booked.kind,
    difference: 'MISSING_IN_STATEMENT',
    symbol: booked.entry.symbol,
    entryIds: [booked.entry.entryId],
    ledger: bookedSide(booked),
    text: `${booked.entry.description}: entry ${booked.entry.entryId} books it, and the broker knows nothing of it`,
    proposal: { kind: 'REVERSE_ENTRY', entryId: booked.entry.entryId },
  });
