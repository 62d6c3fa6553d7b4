import { deviationsOf, type Deviation } from '../domain/confirmation/deviations.js';
import type { LineAcceptance } from '../domain/confirmation/owned.js';
import { executionWindow, londonInstant, sessionsBetween, slotAt } from '../domain/calendar/calendar.js';
import { faultError } from '../domain/errors.js';
import { bookedUnder, dividendKey, eventKey, splitKey } from '../domain/ledger/keys.js';
import type { BookedEntry } from '../domain/ledger/sums.js';
import { D } from '../domain/money.js';
import type { Policy } from '../domain/policy/policy.js';
import type { ProposalOf } from '../domain/reconciliation/proposal.js';
import type { Fill } from '../domain/confirmation/shape.js';
import type { DecimalString, DividendType, Instant, IsoDate, Reason } from '../domain/types.js';
import { worthAtClose, type ClosingWorth } from '../domain/walk/worth.js';
import type { IssueReply } from '../contract/day-messages.js';
import {
  beginSession,
  execute,
  openBook,
  snapshot,
  without,
  type BrokerBook,
  type BrokerMarket,
  type Execute,
  type StatementItem,
} from './broker.js';
import {
  bookSmallItems,
  minutesAfter,
  reconcileDay,
  rulingNeeded,
  wordsOf,
  type Errand,
  type Hands,
} from './operator.js';
import type { PlannedRuling } from './rulings.js';
import type { Standing } from './standing.js';

export interface World {
  hands: Hands;
  /** What stands in the system that the hands work on. */
  standing: Standing;
  market: BrokerMarket;
  /** How the broker fills a ticket; left out: at the opening price, at no cost. */
  fill?: Execute;
  policy: Policy;
  account: string;
  /** Symbols that may be held. */
  universe: readonly string[];
  cash: DecimalString;
  rulings: readonly PlannedRuling[];
  from: IsoDate;
  to: IsoDate;
  /** Told after every day. */
  onDay(day: SimulatedDay): void;
  /** What happens on a day, asked when it begins; without it every day goes as it should. */
  plan?(tradingDay: IsoDate): Promise<DayPlan>;
}

/** What of a day happens: an outage may swallow any of it. */
export interface DayPlan {
  /** When the 08:00 and the 14:00 run begin; null: never. */
  morning: Instant | null;
  afternoon: Instant | null;
  /** Whether anything is up to be spoken to at all; a day without is over once the broker's session is. */
  up: boolean;
}

export interface SimulatedDay extends ClosingWorth {
  tradingDay: IsoDate;
  kind: 'TRADE' | 'NO_TRADE' | 'MISSED';
  /** Null of a day that was missed. */
  ticketId: string | null;
  /** Reason codes of a NO_TRADE. */
  codes: string[];
  /** Null when nobody could reconcile. */
  reconciliation: 'PASS' | 'FAIL' | 'REJECTED' | null;
  fills: Fill[];
  /** What the operator booked and ruled. */
  done: Errand[];
  /** What a human would have to rule on for what is on hold. */
  needed: ProposalOf<'RULE_ON_ACTION'>[];
  /** What could not be explained or booked. */
  problems: string[];
  milliseconds: number;
}

/** Where the simulation stands between two days. */
interface State {
  book: BrokerBook;
  /** What the broker's statements showed and the ledger has not booked yet. */
  unbooked: StatementItem[];
  /** What the last morning's data-quality gate put on hold. */
  onHold: ActionOnHold[];
  ruled: readonly PlannedRuling[];
}

/**
 * Drives every session from `from` to `to` through morning run, reconciliation, afternoon run and confirmation, with a
 * simulated broker and operator, and checks the invariants and the books after each. Throws a fault (exit 1) at the
 * first that is broken, naming the day.
 */
export async function simulateDays(world: World): Promise<SimulatedDay[]> {
  const days: SimulatedDay[] = [];
  let state: State = { book: openBook(world.cash), unbooked: [], onHold: [], ruled: [] };
  const sessions = sessionsBetween(world.from, world.to, world.policy.calendar);
  for (const tradingDay of sessions) {
    const began = performance.now();
    const plan = (await world.plan?.(tradingDay)) ?? asItShould(tradingDay);
    const { next, day } = await simulateDay(world, state, tradingDay, plan);
    if (plan.up) await checkDay(world, next, tradingDay, tradingDay === sessions.at(-1));
    state = next;
    const timed = { ...day, milliseconds: Math.round(performance.now() - began) };
    days.push(timed);
    world.onDay(timed);
  }
  return days;
}

const asItShould = (tradingDay: IsoDate): DayPlan => ({
  morning: slotAt(tradingDay, '0800'),
  afternoon: slotAt(tradingDay, '1400'),
  up: true,
});

async function simulateDay(
  world: World,
  state: State,
  tradingDay: IsoDate,
  plan: DayPlan,
): Promise<{ next: State; day: Omit<SimulatedDay, 'milliseconds'> }> {
  const { hands, market } = world;
  const { book, statement } = beginSession(state.book, market, tradingDay);
  const quiet = {
    tradingDay,
    kind: 'MISSED' as const,
    ticketId: null,
    codes: [],
    reconciliation: null,
    fills: [],
    done: [],
    needed: [],
    problems: [],
  };
  if (!plan.up)
    return {
      next: { ...state, book, unbooked: [...state.unbooked, ...statement] },
      day: { ...quiet, ...worthAtClose(book, market, tradingDay) },
    };

  const due = world.rulings.filter((ruling) => ruling.ruledOn <= tradingDay && !state.ruled.includes(ruling));
  const ruled = await giveRulings(world, due, tradingDay);
  const morning = plan.morning === null ? null : await hands.run('0800', plan.morning);
  const onHold = morning === null ? state.onHold : await actionsOnHold(world, morning.runId);
  const reconciled = await reconcile(world, state, tradingDay, onHold);
  const ticket = plan.afternoon === null ? null : await ticketOf(world, tradingDay, plan.afternoon);
  const confirmed = ticket === null ? { book, fills: [] } : await confirm(world, book, ticket, tradingDay);
  if (ticket !== null) await hands.closed(tradingDay);
  await hands.watch?.(londonInstant(tradingDay, '21:00'));
  return {
    next: {
      ...state,
      onHold,
      ruled: [...state.ruled, ...due],
      book: confirmed.book,
      unbooked: [...reconciled.unbooked, ...statement],
    },
    day: {
      ...quiet,
      kind: ticket?.kind ?? 'MISSED',
      ticketId: ticket?.ticketId ?? null,
      codes: [...new Set(ticket?.reasons.map(({ code }) => code))],
      reconciliation: reconciled.status,
      fills: confirmed.fills,
      done: [...ruled, ...reconciled.done],
      needed: neededRulings(world, onHold),
      problems: reconciled.problems,
      ...worthAtClose(confirmed.book, market, tradingDay),
    },
  };
}

async function ticketOf({ hands, account }: World, tradingDay: IsoDate, at: Instant): Promise<IssueReply> {
  const afternoon = await hands.run('1400', at);
  const ticket = afternoon.tickets.find((one) => one.account === account);
  if (ticket) return ticket;
  throw faultError(
    'NO_TICKET',
    `${tradingDay}: the afternoon run ended with ${afternoon.outcome} and without a ticket: ${afternoon.summary}`,
  );
}

interface ActionOnHold {
  symbol: string;
  exDate: IsoDate;
  kind: 'SPLIT' | 'DIVIDEND' | 'JUMP';
  dividendType?: DividendType;
}

/**
 * Actions and jumps that the morning's data-quality gate puts on hold until somebody rules on them, whether or not
 * they stop the day.
 */
async function actionsOnHold({ standing }: World, runId: string): Promise<ActionOnHold[]> {
  return (await standing.findings(runId)).flatMap(onHoldOf);
}

function onHoldOf({ code, subject, evidence }: Reason): ActionOnHold[] {
  const symbol = String(subject);
  if (code === 'PRICE_JUMP_UNEXPLAINED' || code === 'ADJUSTMENT_UNEXPLAINED')
    return [{ symbol, exDate: String(evidence['session']), kind: 'JUMP' }];
  if (code === 'FX_JUMP_UNEXPLAINED') return [{ symbol, exDate: String(evidence['date']), kind: 'JUMP' }];
  if (code !== 'ACTION_NEEDS_REVIEW') return [];
  const typed = (['special', 'return_of_capital'] as const).find((type) => type === evidence['type']);
  const kind = evidence['kind'] === 'SPLIT' ? 'SPLIT' : 'DIVIDEND';
  return [{ symbol, exDate: String(evidence['exDate']), kind, ...(typed && { dividendType: typed }) }];
}

/** Rulings are given before the morning's run. */
export const rulingInstant = (tradingDay: IsoDate): Instant => londonInstant(tradingDay, '07:30');

/** Gives the rulings that are due: on their day, or on the first after it that anything is up. */
async function giveRulings({ hands }: World, due: readonly PlannedRuling[], tradingDay: IsoDate): Promise<Errand[]> {
  const errands = due.map((ruling): Errand => ({ kind: 'RULE_ON_ACTION', ruling }));
  for (const errand of errands) {
    const outcome = await hands.carryOut(errand, rulingInstant(tradingDay));
    if (!outcome.ok)
      throw faultError(
        'RULING_REFUSED',
        `${tradingDay}: ${wordsOf(errand)}: ${outcome.refusal.code}: ${outcome.refusal.message}`,
      );
  }
  return errands;
}

/** What a human would have to rule on: the actions on hold that no planned ruling settles. */
function neededRulings({ rulings }: World, onHold: ActionOnHold[]): ProposalOf<'RULE_ON_ACTION'>[] {
  const about = ({ symbol, exDate, kind, dividendType = 'regular' }: ActionOnHold) =>
    `${symbol} ${exDate} ${kind} ${dividendType}`;
  const planned = new Set(rulings.map(about));
  return onHold.filter((one) => !planned.has(about(one))).map(rulingNeeded);
}

async function reconcile(world: World, { book, unbooked }: State, tradingDay: IsoDate, onHold: ActionOnHold[]) {
  const day = {
    tradingDay,
    at: londonInstant(tradingDay, '09:00'),
    snapshot: snapshot(book),
    undecided: new Set(onHold.filter(({ kind }) => kind !== 'JUMP').map(({ symbol }) => symbol)),
    shown: unbooked,
  };
  // What companies did the operator reads off the statement; nothing that is reconciled proposes it before it is
  // booked.
  const events = await bookSmallItems(
    world.hands,
    unbooked.filter(({ kind }) => kind === 'EVENT'),
    minutesAfter(day.at, -10),
  );
  const reconciled = await reconcileDay(world.hands, day);
  const first = {
    ...reconciled,
    done: [...events.done, ...reconciled.done],
    problems: [...events.problems, ...reconciled.problems],
  };
  const left = await stillUnbooked(world, unbooked);
  if (first.status !== 'PASS' || left.length === 0) return { ...first, unbooked: left };
  const small = await bookSmallItems(world.hands, left, minutesAfter(day.at, 30));
  const again = await reconcileDay(world.hands, { ...day, at: minutesAfter(day.at, 31) });
  return {
    status: again.status,
    done: [...first.done, ...small.done, ...again.done],
    problems: [...small.problems, ...again.problems],
    unbooked: await stillUnbooked(world, left),
  };
}

async function stillUnbooked({ standing }: World, items: readonly StatementItem[]): Promise<StatementItem[]> {
  if (items.length === 0) return [];
  const entries = await standing.entries();
  return items.filter((item) => !isBooked(entries, item));
}

function isBooked(entries: readonly BookedEntry[], item: StatementItem): boolean {
  if (item.kind === 'EVENT') {
    const { kind, symbol, date, to } = item.event;
    if (symbol !== null) return bookedUnder(entries, eventKey(kind, symbol, date, to ?? undefined)) !== undefined;
    return entries.some(({ kind: booked, effectiveDate }) => booked === kind && effectiveDate === date);
  }
  const { symbol, exDate } = item;
  const key = item.kind === 'SPLIT' ? splitKey(symbol, exDate) : dividendKey(symbol, exDate, item.dividendType);
  return bookedUnder(entries, key) !== undefined;
}

/**
 * Executes a TRADE at the broker and reports its fills; acknowledges a NO_TRADE. A dry run leaves the real book alone.
 */
async function confirm(
  { standing, hands, market, policy, fill = execute }: World,
  book: BrokerBook,
  ticket: IssueReply,
  tradingDay: IsoDate,
): Promise<{ book: BrokerBook; fills: Fill[] }> {
  const opensAt = executionWindow(tradingDay, policy.calendar)?.opensAt ?? slotAt(tradingDay, '1400');
  // In the weeks when the clocks of the two countries differ, New York opens before the ticket is there.
  const from = [opensAt, ticket.issuedAt].toSorted((a, b) => Date.parse(a) - Date.parse(b)).at(-1) as Instant;
  const at = minutesAfter(from, 25);
  if (ticket.kind === 'NO_TRADE') {
    await answered(hands.confirm(tradingDay, { ticket, fills: [], acceptDeviation: [], at }), tradingDay);
    return { book, fills: [] };
  }
  const stored = await standing.ticket(ticket.ticketId);
  if (!stored)
    throw faultError('TICKET_UNKNOWN', `${tradingDay}: ticket ${ticket.ticketId} was issued and is not stored`);
  const executed = fill(book, market, stored, minutesAfter(from, 1));
  const acceptDeviation = ownedBySimulation(deviationsOf(executed.fills, stored));
  await answered(hands.confirm(tradingDay, { ticket, fills: executed.fills, acceptDeviation, at }), tradingDay);
  return { book: ticket.dryRun ? book : executed.book, fills: executed.fills };
}

/** Real openings leap: what departs from the ticket is owned, as an operator has to. */
function ownedBySimulation(found: readonly Deviation[]): LineAcceptance[] {
  const lines = [...new Set(found.map(({ sequence }) => sequence))];
  return lines.map((sequence) => ({
    sequence,
    reason: 'the opening price of the day, as the simulated broker filled it',
  }));
}

async function answered(reply: ReturnType<Hands['confirm']>, tradingDay: IsoDate): Promise<void> {
  const { status, reason } = await reply;
  if (status === 'REFUSED')
    throw faultError('CONFIRMATION_REFUSED', `${tradingDay}: ${reason?.code}: ${reason?.message}`);
}

/**
 * Stops the simulation when an invariant is broken, or the ledger is not the broker's book less what is not booked
 * yet.
 */
async function checkDay(
  { standing, hands }: World,
  { book, unbooked }: State,
  tradingDay: IsoDate,
  isLast: boolean,
): Promise<void> {
  const broken = await standing.brokenAfter({ tradingDay, isLast, isWatched: hands.watch !== undefined });
  const apart = differences(await standing.ledger(), without(book, unbooked));
  if (broken.length + apart.length === 0) return;
  throw faultError(
    'INVARIANT_BROKEN',
    [`${tradingDay}:`, ...broken, ...apart.map((line) => `books: ${line}`)].join('\n'),
  );
}

/** Where the ledger is not to the penny and the sixth decimal what the broker has. */
export function differences(
  ledger: { cash: DecimalString; units: Record<string, DecimalString> },
  broker: BrokerBook,
): string[] {
  const cash = D(ledger.cash).eq(broker.cash)
    ? []
    : [`cash is ${broker.cash.toFixed(2)} at the broker and ${ledger.cash} in the ledger`];
  const symbols = [...new Set([...Object.keys(ledger.units), ...broker.units.keys()])].toSorted();
  return [
    ...cash,
    ...symbols
      .filter((symbol) => !D(ledger.units[symbol] ?? '0').eq(broker.units.get(symbol) ?? 0))
      .map(
        (symbol) =>
          `${symbol} is ${broker.units.get(symbol) ?? 0} at the broker and ${ledger.units[symbol] ?? '0'} in the ledger`,
      ),
  ];
}
