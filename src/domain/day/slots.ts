import { executionWindow, sessionsBetween, tradingDayOf, type CalendarAdditions } from '../calendar/calendar.js';
import { dateOf, dayNumber } from '../dates.js';
import type { SchedulesPolicy } from '../policy/schedules.js';
import { schedulesOf, slotInstant } from './schedule-times.js';
import type { Instant, IsoDate, Slot } from '../types.js';
import { groupBy } from '../group.js';

/** A slot that has not begun so many minutes after its time is late. */
export const LATE_AFTER_MINUTES = 5;
/** A run that has no result so many minutes after it began has stopped, whatever Temporal says of it. */
const STUCK_AFTER_MINUTES = 60;

/** Sessions of so many days are always looked at, settled or not. */
const SETTLED_DAYS = 30;

const MINUTE_MS = 60_000;
const SLOTS: readonly Slot[] = ['0800', '1400'];

/** A run of a slot as it is stored, and what Temporal says of one that has no result. */
export interface SlotRun {
  /** Null for a run that is not recorded: it waits for a worker, or failed before (a policy that is refused, for one). */
  runId: string | null;
  slot: Slot;
  tradingDay: IsoDate;
  /** When it really began, by the account's clock: a scheduled run may begin long after its time. */
  beganAt: Instant;
  /** PASS, FAIL, TRADE, NO_TRADE, MISSED; null while there is no result. */
  outcome: string | null;
  /** Whether Temporal has ended the workflow of a run without a result: then no result will ever come. */
  dead: boolean;
  /** Why it ended, as Temporal tells; null where that is not known. */
  failure: string | null;
}

/** What the times of a slot follow from; a policy stored before it had schedules has their defaults. */
export interface SlotPolicy {
  calendar: CalendarAdditions;
  schedules?: SchedulesPolicy;
}

/** What is stored of an account, from which follows what became of each slot. */
export interface SlotFacts {
  account: string;
  /** When the account was opened, by its clock: slots before it were nobody's. */
  openedAt: Instant;
  policy: SlotPolicy;
  /** Recorded ones in the order of recording: which is the newest is told by that, not by `beganAt`. */
  runs: readonly SlotRun[];
  /** The live ticket of each day. */
  tickets: readonly { tradingDay: IsoDate; kind: 'TRADE' | 'NO_TRADE' }[];
  now: Instant;
}

export interface SlotKey {
  tradingDay: IsoDate;
  slot: Slot;
}

/**
 * What a slot became. `DONE` has an outcome; `UNDER_WAY` is due or running; `LATE` should have begun and may still;
 * `STOPPED` began and will not end by itself; `MISSED` has no outcome, and its window is over.
 */
export interface SlotStanding extends SlotKey {
  state: 'DONE' | 'UNDER_WAY' | 'LATE' | 'STOPPED' | 'MISSED';
  /** Null while there is none. */
  outcome: string | null;
  dueAt: Instant;
  /** Until then a late run still makes sense. */
  endsAt: Instant;
  /** The run that the state rests on; null when none began. */
  runId: string | null;
  beganAt: Instant | null;
  failure: string | null;
  /** Whether it is recorded as MISSED, also when a later run came to a result after all. */
  wasMissed: boolean;
  /** Whether a result of that run is stored: a MISSED slot without a record, or a dead run without a result, needs one. */
  recorded: boolean;
}

interface Window {
  dueAt: Instant;
  endsAt: Instant;
}

/**
 * When a slot is due by the policy's schedules, and until when a late run still makes sense: an 08:00 run until the 14:00
 * run is due, a 14:00 run until the end of the execution window (docs/RULES.md 1.3). Null on a day without a session.
 */
export const slotWindow = (tradingDay: IsoDate, slot: Slot, policy: SlotPolicy): Window | null =>
  windowsOf(tradingDay, policy)?.[slot] ?? null;

function windowsOf(tradingDay: IsoDate, policy: SlotPolicy): Record<Slot, Window> | null {
  const window = executionWindow(tradingDay, policy.calendar);
  if (!window) return null;
  const [morning, afternoon] = SLOTS.map((slot) => slotAt(tradingDay, slot, policy)) as [Instant, Instant];
  return { '0800': { dueAt: morning, endsAt: afternoon }, '1400': { dueAt: afternoon, endsAt: window.closesAt } };
}

/** Whether a run of the slot that begins at an instant comes too late to be of use. False on a day without a session. */
export function isPastWindow({ tradingDay, slot }: SlotKey, at: Instant, policy: SlotPolicy): boolean {
  const window = slotWindow(tradingDay, slot, policy);
  return window !== null && isOver(slot, window, at);
}

/** An execution window includes its last second; at 14:00 the 14:00 run takes over. */
const isOver = (slot: Slot, { endsAt }: Window, at: Instant): boolean =>
  slot === '0800' ? Date.parse(at) >= Date.parse(endsAt) : Date.parse(at) > Date.parse(endsAt);

/**
 * What every slot that was due between the account's opening and now became, oldest first; slots of days without a
 * session are none. A slot with a concluded run has the outcome of its newest; a late run after a MISSED thus counts,
 * and the record of the MISSED stays beside it.
 */
export function slotStandings(facts: SlotFacts): SlotStanding[] {
  const runs = bySlot(facts.runs);
  const tickets = new Map(facts.tickets.map(({ tradingDay, kind }) => [tradingDay, kind]));
  const sessions = sessionsBetween(tradingDayOf(facts.openedAt), tradingDayOf(facts.now), facts.policy.calendar);
  return sessions.flatMap((tradingDay) => {
    const windows = windowsOf(tradingDay, facts.policy) as Record<Slot, Window>;
    return SLOTS.filter(
      (slot) => !before(windows[slot].dueAt, facts.openedAt) && !before(facts.now, windows[slot].dueAt),
    ).map((slot) => {
      const moment = {
        tradingDay,
        slot,
        ...windows[slot],
        now: facts.now,
        over: isOver(slot, windows[slot], facts.now),
      };
      return standingOf(
        runs.get(keyOf({ tradingDay, slot })) ?? [],
        slot === '1400' ? (tickets.get(tradingDay) ?? null) : null,
        moment,
      );
    });
  });
}

interface Moment extends SlotKey, Window {
  now: Instant;
  over: boolean;
}

/**
 * The same facts, opened later: without the sessions before the oldest slot that has no result, for of those nothing is left
 * to be found. The last month always stays. A watch of ten years must not cost more than one of ten days.
 */
export function withoutSettled(facts: SlotFacts): SlotFacts {
  const runs = bySlot(facts.runs);
  const today = tradingDayOf(facts.now);
  const month = dateOf(dayNumber(today) - SETTLED_DAYS);
  const isOpen = (tradingDay: IsoDate) =>
    SLOTS.some(
      (slot) =>
        !isSettled(runs.get(keyOf({ tradingDay, slot })) ?? []) &&
        !before(slotAt(tradingDay, slot, facts.policy), facts.openedAt),
    );
  const first = sessionsBetween(tradingDayOf(facts.openedAt), today, facts.policy.calendar).find(
    (tradingDay) => tradingDay >= month || isOpen(tradingDay),
  );
  const from = `${first ?? today}T00:00:00.000Z`;
  return before(facts.openedAt, from) ? { ...facts, openedAt: from } : facts;
}

/** A run came to a result, or the slot was missed and no run came late that has none yet. */
const isSettled = (runs: readonly SlotRun[]): boolean =>
  runs.some(({ outcome }) => outcome !== null && outcome !== 'MISSED') ||
  (runs.length > 0 && runs.every(({ outcome }) => outcome !== null));

const slotAt = (tradingDay: IsoDate, slot: Slot, policy: SlotPolicy): Instant =>
  slotInstant(schedulesOf(policy), tradingDay, slot);

/** @param runs of one slot, oldest first. */
function standingOf(
  runs: readonly SlotRun[],
  ticket: 'TRADE' | 'NO_TRADE' | null,
  { over, now, ...slot }: Moment,
): SlotStanding {
  const missed = runs.findLast(({ outcome }) => outcome === 'MISSED');
  const standing = (
    state: SlotStanding['state'],
    run: SlotRun | undefined,
    outcome: string | null,
    recorded: boolean,
  ): SlotStanding => ({
    ...slot,
    state,
    outcome,
    runId: run?.runId ?? null,
    beganAt: run?.beganAt ?? null,
    failure: run?.failure ?? null,
    wasMissed: missed !== undefined,
    recorded,
  });
  const concluded = runs.findLast(({ outcome }) => outcome !== null && outcome !== 'MISSED');
  if (concluded) return standing('DONE', concluded, ticket ?? concluded.outcome, true);
  const waiting = runs.filter(({ outcome }) => outcome === null);
  const alive = waiting.findLast(({ dead, runId }) => !dead && runId !== null);
  const queued = waiting.some(({ dead, runId }) => !dead && runId === null);
  if (alive) return standing(hasStopped(alive.beganAt, now) ? 'STOPPED' : 'UNDER_WAY', alive, null, false);
  const dead = waiting.findLast((run) => run.dead);
  // Issued by a run that died afterwards, or by a message sent by hand: the ticket is what the day has.
  const unended = waiting.findLast((run) => run.dead && run.runId !== null);
  if (ticket) return standing('DONE', unended ?? missed, ticket, unended === undefined);
  if (missed) return standing('MISSED', missed, 'MISSED', true);
  // What waits in Temporal for a worker that has just come back will say by itself what became of it.
  if (over) return queued ? standing('UNDER_WAY', undefined, null, false) : standing('MISSED', dead, 'MISSED', false);
  if (dead && !queued) return standing('STOPPED', dead, null, false);
  return standing(minutesBetween(slot.dueAt, now) >= LATE_AFTER_MINUTES ? 'LATE' : 'UNDER_WAY', undefined, null, false);
}

/**
 * Runs of each slot, oldest first. Recorded ones stay in their order; one that Temporal alone knows has only its
 * clock to go by.
 */
function bySlot(runs: readonly SlotRun[]): Map<string, SlotRun[]> {
  const ordered = runs.filter(({ runId }) => runId !== null);
  for (const waiting of runs.filter(({ runId }) => runId === null)) {
    const next = ordered.findIndex((run) => before(waiting.beganAt, run.beganAt));
    ordered.splice(next === -1 ? ordered.length : next, 0, waiting);
  }
  return groupBy(ordered, keyOf);
}

const keyOf = ({ tradingDay, slot }: SlotKey): string => `${tradingDay}/${slot}`;
const before = (one: Instant, other: Instant): boolean => Date.parse(one) < Date.parse(other);
/** Whether a run that began then and has no result will not come to one by itself. */
export const hasStopped = (beganAt: Instant, now: Instant): boolean =>
  minutesBetween(beganAt, now) >= STUCK_AFTER_MINUTES;

/** Whole minutes from one instant to another. */
export const minutesBetween = (from: Instant, to: Instant): number =>
  Math.floor((Date.parse(to) - Date.parse(from)) / MINUTE_MS);
