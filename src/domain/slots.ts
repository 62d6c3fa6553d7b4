import { executionWindow, sessionsBetween, slotAt, tradingDayOf, type CalendarAdditions } from './calendar.js';
import type { Instant, IsoDate, Slot } from './types.js';

/** A slot that has not begun so many minutes after its time is late. */
export const LATE_AFTER_MINUTES = 5;
/** A run that has no result so many minutes after it began has stopped, whatever Temporal says of it. */
export const STUCK_AFTER_MINUTES = 60;

const MINUTE_MS = 60_000;
const SLOTS: readonly Slot[] = ['0800', '1400'];

/** A run of a slot as it is stored, and what Temporal says of one that has no result. */
export interface SlotRun {
  /** Null for a run that failed in Temporal before it could be recorded: a policy that is refused, for one. */
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

/** What is stored of an account, from which follows what became of each slot. */
export interface SlotFacts {
  account: string;
  /** When the account was opened, by its clock: slots before it were nobody's. */
  openedAt: Instant;
  calendar: CalendarAdditions;
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
  /** Whether a result of that run is stored: a MISSED slot without a record, or a dead run without a result, needs one. */
  recorded: boolean;
}

/**
 * When a slot is due, and until when a late run still makes sense: an 08:00 run until 14:00 UK, a 14:00 run until the
 * end of the execution window (PRODUCT.md section 3). Null on a day without a session.
 */
export function slotWindow(tradingDay: IsoDate, slot: Slot, calendar?: CalendarAdditions): { dueAt: Instant; endsAt: Instant } | null {
  const window = executionWindow(tradingDay, calendar);
  return window && { dueAt: slotAt(tradingDay, slot), endsAt: slot === '0800' ? slotAt(tradingDay, '1400') : window.closesAt };
}

/** Whether a run of the slot that begins at an instant comes too late to be of use. False on a day without a session. */
export function isPastWindow({ tradingDay, slot }: SlotKey, at: Instant, calendar?: CalendarAdditions): boolean {
  const window = slotWindow(tradingDay, slot, calendar);
  if (!window) return false;
  return slot === '0800' ? Date.parse(at) >= Date.parse(window.endsAt) : Date.parse(at) > Date.parse(window.endsAt);
}

/**
 * What every slot that was due between the account's opening and now became, oldest first; slots of days without a
 * session are none. A slot with a concluded run has the outcome of its newest; a late run after a MISSED thus counts,
 * and the record of the MISSED stays beside it.
 */
export function slotStandings(facts: SlotFacts): SlotStanding[] {
  const runs = bySlot(facts.runs);
  const tickets = new Map(facts.tickets.map(({ tradingDay, kind }) => [tradingDay, kind]));
  const sessions = sessionsBetween(tradingDayOf(facts.openedAt), tradingDayOf(facts.now), facts.calendar);
  return sessions.flatMap((tradingDay) => SLOTS.flatMap((slot) => {
    const { dueAt, endsAt } = slotWindow(tradingDay, slot, facts.calendar) as { dueAt: Instant; endsAt: Instant };
    if (before(dueAt, facts.openedAt) || before(facts.now, dueAt)) return [];
    const became = standingOf(runs.get(keyOf({ tradingDay, slot })) ?? [], slot === '1400' ? tickets.get(tradingDay) ?? null : null, {
      tradingDay, slot, dueAt, endsAt, now: facts.now, over: isPastWindow({ tradingDay, slot }, facts.now, facts.calendar),
    });
    return [became];
  }));
}

interface Moment extends SlotKey {
  dueAt: Instant;
  endsAt: Instant;
  now: Instant;
  over: boolean;
}

/** @param runs of one slot, oldest first. */
function standingOf(runs: readonly SlotRun[], ticket: 'TRADE' | 'NO_TRADE' | null, { over, now, ...slot }: Moment): SlotStanding {
  const standing = (state: SlotStanding['state'], run: SlotRun | undefined, outcome: string | null, recorded: boolean): SlotStanding =>
    ({ ...slot, state, outcome, runId: run?.runId ?? null, beganAt: run?.beganAt ?? null, failure: run?.failure ?? null, recorded });
  const concluded = runs.findLast(({ outcome }) => outcome !== null && outcome !== 'MISSED');
  if (concluded) return standing('DONE', concluded, ticket ?? concluded.outcome, true);
  const missed = runs.findLast(({ outcome }) => outcome === 'MISSED');
  const waiting = runs.filter(({ outcome }) => outcome === null);
  const alive = waiting.findLast(({ dead }) => !dead);
  if (alive) return standing(minutesBetween(alive.beganAt, now) >= STUCK_AFTER_MINUTES ? 'STOPPED' : 'UNDER_WAY', alive, null, false);
  if (missed) return standing('MISSED', missed, ticket ?? 'MISSED', true);
  const dead = waiting.at(-1);
  if (dead && ticket) return standing('DONE', dead, ticket, false);
  if (over) return standing('MISSED', dead, 'MISSED', false);
  if (dead) return standing('STOPPED', dead, null, false);
  return standing(minutesBetween(slot.dueAt, now) >= LATE_AFTER_MINUTES ? 'LATE' : 'UNDER_WAY', undefined, null, false);
}

function bySlot(runs: readonly SlotRun[]): Map<string, SlotRun[]> {
  const groups = new Map<string, SlotRun[]>();
  for (const run of runs.toSorted((one, other) => Date.parse(one.beganAt) - Date.parse(other.beganAt))) {
    const key = keyOf(run);
    groups.set(key, [...(groups.get(key) ?? []), run]);
  }
  return groups;
}

const keyOf = ({ tradingDay, slot }: SlotKey): string => `${tradingDay}/${slot}`;
const before = (one: Instant, other: Instant): boolean => Date.parse(one) < Date.parse(other);
/** Whole minutes from one instant to another. */
export const minutesBetween = (from: Instant, to: Instant): number => Math.floor((Date.parse(to) - Date.parse(from)) / MINUTE_MS);
