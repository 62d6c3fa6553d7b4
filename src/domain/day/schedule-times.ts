import { DateTime } from 'luxon';
import {
  executionWindow,
  isEarlyClose,
  isSession,
  sessionCloseAt,
  type CalendarAdditions,
} from '../calendar/calendar.js';
import { dateOf, dayNumber, weekdayOf } from '../dates.js';
import { defaultSchedules, type SchedulesPolicy } from '../policy/schedules.js';
import type { Instant, IsoDate, Slot } from '../types.js';

const FRIDAY = 5;
const LONDON = 'Europe/London';
const NEW_YORK = 'America/New_York';
/** Hours that London is ahead of New York, but for a few weeks of March, October and November. */
const USUAL_HOURS_APART = 5;

/** One coming run, as people in both places see it. */
export interface ComingRun {
  slot: Slot;
  at: Instant;
  /** UK date of the instant: the day that a ticket could be executed on. */
  tradingDay: IsoDate;
  /** `YYYY-MM-DD HH:MM` on each side's clocks. */
  london: string;
  newYork: string;
  market: 'open' | 'closes early' | 'closed';
  /** When New York closes; null when it does not open. */
  closesAt: Instant | null;
  window: { opensAt: Instant; closesAt: Instant } | null;
  /** Hours that London is ahead of New York when they are not the usual five, else null. */
  hoursApart: number | null;
}

/** The section of a policy, or its defaults for one that was stored before the section existed. */
export const schedulesOf = (policy: { schedules?: SchedulesPolicy }): SchedulesPolicy =>
  policy.schedules ?? defaultSchedules;

/** The instant at which a slot's run of a date starts by the policy's schedules. */
export function slotInstant({ morning, afternoon, zone }: SchedulesPolicy, date: IsoDate, slot: Slot): Instant {
  return DateTime.fromISO(`${date}T${slot === '0800' ? morning : afternoon}`, { zone })
    .toJSDate()
    .toISOString();
}

/** The next `count` runs strictly after an instant, Monday to Friday, closed days included and marked. */
export function comingRuns(
  schedules: SchedulesPolicy,
  after: Instant,
  count: number,
  added?: CalendarAdditions,
): ComingRun[] {
  const runs: ComingRun[] = [];
  const start = Date.parse(after);
  const first = DateTime.fromMillis(start, { zone: schedules.zone }).toISODate() as IsoDate;
  for (let day = dayNumber(first); runs.length < count; day++) {
    if (weekdayOf(day) > FRIDAY) continue;
    for (const slot of ['0800', '1400'] as const) {
      const at = slotInstant(schedules, dateOf(day), slot);
      if (Date.parse(at) > start && runs.length < count) runs.push(comingRun(slot, at, added));
    }
  }
  return runs;
}

function comingRun(slot: Slot, at: Instant, added?: CalendarAdditions): ComingRun {
  const [london, newYork] = [LONDON, NEW_YORK].map((zone) => DateTime.fromISO(at, { zone })) as [
    DateTime<true>,
    DateTime<true>,
  ];
  const tradingDay = london.toISODate();
  const open = isSession(tradingDay, added);
  const hoursApart = (london.offset - newYork.offset) / 60;
  return {
    slot,
    at,
    tradingDay,
    london: london.toFormat('yyyy-MM-dd HH:mm'),
    newYork: newYork.toFormat('yyyy-MM-dd HH:mm'),
    market: !open ? 'closed' : isEarlyClose(tradingDay, added) ? 'closes early' : 'open',
    closesAt: open ? sessionCloseAt(tradingDay, added) : null,
    window: executionWindow(tradingDay, added),
    hoursApart: hoursApart === USUAL_HOURS_APART ? null : hoursApart,
  };
}
