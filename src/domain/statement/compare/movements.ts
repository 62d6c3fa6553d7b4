import { dayNumber } from '../../dates.js';
import type { BookedEntry } from '../../ledger/sums.js';
import { D, toText, type Decimal } from '../../money.js';
import type { Proposal } from '../../reconciliation/proposal.js';
import { isCancelled } from '../activity-types.js';
import type { StatementEvent } from '../statement.js';
import { besidePeriod, mayBe, movedBy, type LedgerFacts } from './facts.js';
import { lineOf, type StatementLine } from './line.js';
import { isWithin, readFirst, type Worth, type Worths } from './worth.js';

type Kind = 'DEPOSIT' | 'WITHDRAWAL' | 'FEE' | 'INTEREST' | 'ADJUSTMENT';

/** Kinds of movements of cash, which way they go, and what would book one. */
const KINDS: Record<Exclude<Kind, 'ADJUSTMENT'>, { sign: 1 | -1; book: CashProposal['kind'] }> = {
  DEPOSIT: { sign: 1, book: 'BOOK_DEPOSIT' },
  WITHDRAWAL: { sign: -1, book: 'BOOK_WITHDRAWAL' },
  FEE: { sign: -1, book: 'BOOK_FEE' },
  INTEREST: { sign: 1, book: 'BOOK_INTEREST' },
};
type CashProposal = Extract<Proposal, { kind: 'BOOK_DEPOSIT' | 'BOOK_WITHDRAWAL' | 'BOOK_FEE' | 'BOOK_INTEREST' }>;

/** Days that somebody may have dated a movement wrongly by. */
const DAYS_APART = 5;

interface Told {
  kind: Kind;
  /** Whether money came, which a refund does under the name of a fee. */
  isIn: boolean;
  event: StatementEvent;
  worth: Worth | null;
}
interface Booked {
  kind: Kind;
  isIn: boolean;
  entry: BookedEntry;
  amount: Decimal;
}

/** What was asked for, and what cancelled it. */
type Cancelled = readonly [request: Told, cancellation: Told];

/** Movements of both sides that nothing has matched yet. */
export interface Movements {
  told: Told[];
  /** Pairs that came to nothing within the statement. */
  cancelled: Cancelled[];
  booked: Booked[];
  /** Those from beyond the period, and which of them are so near that a row may be theirs. */
  beside: readonly Booked[];
  near: Booked[];
  baseCurrency: string;
}

/** Deposits, withdrawals, fees and interest of both sides; a request and its cancellation stand aside. */
export function movementsOf(
  { events, entries }: { events: readonly StatementEvent[]; entries: readonly BookedEntry[] },
  facts: LedgerFacts,
  worths: Worths,
): Movements {
  const { baseCurrency } = facts;
  const toldOf = (event: StatementEvent): Told[] => {
    const kind = kindOf(event);
    if (!isKind(kind) || D(event.cash).isZero()) return [];
    return [{ kind, isIn: D(event.cash).gt(0), event, worth: worths.ofCash(event) }];
  };
  const pairs = cancelledIn(events);
  const aside = new Set(pairs.flat());
  const told = events.filter((event) => !aside.has(event)).flatMap(toldOf);
  const cancelled = pairs.flatMap(([asked, taken]): Cancelled[] => {
    const [request, cancellation] = [...toldOf(asked), ...toldOf(taken)];
    // Nothing books a fee that came back: of such a pair neither is booked.
    return request && cancellation?.kind === 'DEPOSIT' ? [[request, cancellation]] : [];
  });
  const bookedOf = (entry: BookedEntry): Booked[] => {
    const { kind } = entry;
    if (!isKind(kind)) return [];
    const moved = movedBy(entry, 'Assets:Cash', baseCurrency);
    return [{ kind, isIn: moved.gt(0), entry, amount: moved.abs() }];
  };
  const beside = besidePeriod(facts, entries).flatMap(bookedOf);
  return { told, cancelled, booked: entries.flatMap(bookedOf), beside, near: nearTo(told, beside), baseCurrency };
}

/** Rows are by time: the first and the last one tell which entries any of them may be. */
function nearTo(told: readonly Told[], beside: readonly Booked[]): Booked[] {
  const [first, last] = [told[0], told.at(-1)];
  if (!first || !last) return [];
  const [from, to] = [dayNumber(first.event.date) - DAYS_APART, dayNumber(last.event.date) + DAYS_APART];
  return beside.filter(({ entry }) => {
    const day = dayNumber(entry.effectiveDate);
    return day >= from && day <= to;
  });
}

const isKind = (kind: string): kind is Kind => Object.hasOwn(KINDS, kind) || kind === 'ADJUSTMENT';

/**
 * Money that was asked for is gone until that is cancelled, and comes back on a date of its own: the ledger has no
 * other word for that than a deposit, and what it booked of the request stays.
 */
const kindOf = ({ kind, type }: StatementEvent): StatementEvent['kind'] =>
  kind === 'WITHDRAWAL' && isCancelled(type) ? 'DEPOSIT' : kind;

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
 * told where the ledger has booked one of the two, for another statement may tell of that one alone.
 * @returns a line each
 */
export function matchAlike(movements: Movements): StatementLine[] {
  const lines = matchTold(movements);
  for (const pair of movements.cancelled)
    if (pair.some((told) => alikeOf(movements, told) !== undefined)) {
      const left = movements.told;
      movements.told = [...pair];
      lines.push(...matchTold(movements));
      movements.told.unshift(...left);
    }
  return lines;
}

function matchTold(movements: Movements): StatementLine[] {
  const lines: StatementLine[] = [];
  const left: Told[] = [];
  for (const told of movements.told) {
    const found = alikeOf(movements, told);
    if (found) lines.push(pairLine(movements, told, found, null));
    else left.push(told);
  }
  movements.told = left;
  return lines;
}

const alikeOf = ({ booked }: Movements, told: Told): Booked | undefined =>
  nearest(
    candidates(booked, told, 0).filter(({ amount }) => told.worth === null || isWithin(told.worth, amount)),
    told,
  );

/** What is left of either side: the same amount on another date, another amount on the same date, or nothing at all. */
export function settleRest(movements: Movements): StatementLine[] {
  const lines: StatementLine[] = [];
  const settle = (days: number, difference: 'DATE_DIFFERS' | 'AMOUNT_DIFFERS') => {
    const left: Told[] = [];
    for (const told of movements.told) {
      const of = candidates(movements.booked, told, days);
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
  settle(DAYS_APART, 'DATE_DIFFERS');
  settle(0, 'AMOUNT_DIFFERS');
  return [
    ...lines,
    ...movements.told.map((told) => missingInLedger(told, movements)),
    ...movements.booked.map(missingInStatement),
  ];
}

const candidates = (booked: readonly Booked[], { kind, isIn, event }: Told, days: number): Booked[] =>
  booked.filter(
    (each) =>
      each.kind === kind &&
      each.isIn === isIn &&
      Math.abs(dayNumber(each.entry.effectiveDate) - dayNumber(event.date)) <= days,
  );

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
  kind: told.kind,
  positionIds: told.event.positionId === null ? [] : [told.event.positionId],
  rows: [told.event.row],
  statement: sideOf(told),
  isEstimated: told.worth?.isEstimated ?? true,
});

const bookedSide = ({ entry, amount }: Booked) => ({
  date: entry.effectiveDate,
  units: null,
  amount: amount.toFixed(2),
  tax: null,
});

function pairLine(
  movements: Movements,
  told: Told,
  booked: Booked,
  difference: 'DATE_DIFFERS' | 'AMOUNT_DIFFERS' | null,
): StatementLine {
  movements.booked = movements.booked.filter((each) => each !== booked);
  const { entryId } = booked.entry;
  const { baseCurrency } = movements;
  const isGuess = difference === 'AMOUNT_DIFFERS' && told.worth?.isEstimated !== false;
  return lineOf({
    ...common(told),
    difference,
    entryIds: [entryId],
    ledger: bookedSide(booked),
    text: `${told.event.type} on ${told.event.date}: ${pairWords(entryId, difference, isGuess ? baseCurrency : null)}`,
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
  const alike = candidates(movements.near, told, DAYS_APART).filter(({ amount }) => worth && isWithin(worth, amount));
  const other = nearest(alike, told);
  if (other !== undefined) {
    movements.near = movements.near.filter((each) => each !== other);
    const text = `${event.type} on ${event.date}: ${mayBe(other.entry)}`;
    return lineOf({ ...common(told), difference: 'MISSING_IN_LEDGER', text });
  }
  const proposal = bookingOf(told);
  const why = proposal === null && worth !== null ? '; the ledger has no booking for it' : '';
  const cancelling = isPaired(told, movements) ? '' : cancellingWords(told, movements);
  const about =
    proposal !== null && proposal.amount === undefined
      ? `; the statement does not say the amount in ${baseCurrency}, ~${worth?.amount.toFixed(2)}: read it at eToro`
      : '';
  return lineOf({
    ...common(told),
    difference: 'MISSING_IN_LEDGER',
    text: `${event.type} on ${event.date}: no entry books it${why}${cancelling}${about}`,
    proposal,
  });
}

const isPaired = (told: Told, { cancelled }: Movements): boolean => cancelled.some((pair) => pair.includes(told));

/** What a row cancels that was asked for before the period, as it is booked. */
const askedFor = ({ kind, isIn, event, worth }: Told, { beside }: Movements): BookedEntry | undefined =>
  beside.findLast(
    (each) =>
      isCancelled(event.type) &&
      (each.kind === kind || (kind === 'DEPOSIT' && each.kind === 'WITHDRAWAL')) &&
      each.isIn !== isIn &&
      each.entry.effectiveDate <= event.date &&
      worth !== null &&
      isWithin(worth, each.amount),
  )?.entry;

/** What is said of a row that cancels: what it cancels stays booked, for until then the money was gone. */
function cancellingWords(told: Told, movements: Movements): string {
  if (!isCancelled(told.event.type)) return '';
  const asked = askedFor(told, movements);
  return asked === undefined
    ? '; what it cancels is told by the statement before, or was before the ledger was opened'
    : `; it cancels entry ${asked.entryId} of ${asked.effectiveDate}, which stays, for until then the money was gone`;
}

/** What would book it; nothing would where money came back that had been taken, or nobody knows how much it was. */
function bookingOf({ kind, isIn, event, worth }: Told): CashProposal | null {
  if (kind === 'ADJUSTMENT' || worth === null || worth.amount.isZero()) return null;
  const { sign, book } = KINDS[kind];
  if (isIn !== sign > 0) return null;
  // What was worked out at a rate is no fact.
  return { kind: book, ...(!worth.isEstimated && { amount: worth.amount.toFixed(2) }), date: event.date };
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
