import { tradingDayOf } from '../calendar/calendar.js';
import { dateOf, dayNumber, isIsoDate, weekdayOf } from '../dates.js';
import { refusal, usageError } from '../errors.js';
import type { SchedulesPolicy } from '../policy/schedules.js';
import { bounded } from '../text.js';
import type { Instant, IsoDate, Slot } from '../types.js';
import { slotInstant } from './schedule-times.js';

const FRIDAY = 5;
/** Days that are made up for at once: each run waits for the one before. */
const DAYS_MAX = 366;
const OF_DATES = { remedy: 'trading-ops schedules backfill --from YYYY-MM-DD --to YYYY-MM-DD' };
const SLOTS: readonly Slot[] = ['0800', '1400'];

/** A run of a past day. */
export interface DueRun {
  slot: Slot;
  at: Instant;
}

/**
 * The runs that were due from one day to another, Monday to Friday, in their order.
 * @param real the present, after which nothing is made up for, and when the first account of the real clock was opened,
 *   before which no slot is anybody's (null: none is open); null on a simulated clock, which has neither.
 * @throws OpsError DATE_INVALID, ARGUMENT_INVALID, AT_IN_FUTURE, CLAIM_BEFORE_ACCOUNT
 */
export function dueRuns(
  { from, to, slot }: { from: string; to: string; slot: string | null },
  schedules: SchedulesPolicy,
  real: { now: Instant; openedAt: Instant | null } | null,
): DueRun[] {
  const [first, last] = [dateOfField('from', from), dateOfField('to', to)];
  if (last < first)
    throw usageError('DATE_INVALID', `to: ${bounded(to)}: must not be before --from, ${bounded(from)}`, OF_DATES);
  if (dayNumber(last) - dayNumber(first) >= DAYS_MAX) {
    const rule = `must be less than ${DAYS_MAX} days after --from, ${bounded(from)}`;
    throw usageError('DATE_INVALID', `to: ${bounded(to)}: ${rule}`, OF_DATES);
  }
  const slots = slot === null ? SLOTS : [slotOfField(slot)];
  const days = Array.from(
    { length: dayNumber(last) - dayNumber(first) + 1 },
    (_, index) => dayNumber(first) + index,
  ).filter((day) => weekdayOf(day) <= FRIDAY);
  const due = days.flatMap((day) => slots.map((one) => ({ slot: one, at: slotInstant(schedules, dateOf(day), one) })));
  if (real !== null) refuseUnlessOfReal(due, { from, to, ...real });
  return due;
}

/** On a real account runs are made up for from the day on which the first one was opened until now. */
function refuseUnlessOfReal(
  due: readonly DueRun[],
  { from, to, now, openedAt }: { from: string; to: string; now: Instant; openedAt: Instant | null },
): void {
  const future = due.find(({ at }) => at > now);
  if (future !== undefined)
    throw usageError(
      'AT_IN_FUTURE',
      `to: ${bounded(to)}: the ${future.slot} run of ${future.at} is still to come; only past runs are made up for`,
    );
  const openedOn = openedAt === null ? null : tradingDayOf(openedAt);
  if (openedOn !== null && from < openedOn)
    throw refusal(
      'CLAIM_BEFORE_ACCOUNT',
      `from: ${bounded(from)}: must not be before ${openedOn}, when the first account of the real clock was opened`,
      OF_DATES,
    );
}

function dateOfField(name: string, text: string): IsoDate {
  if (isIsoDate(text)) return text;
  throw usageError('DATE_INVALID', `${name}: ${bounded(text)}: must be a date YYYY-MM-DD`, OF_DATES);
}

function slotOfField(text: string): Slot {
  const slot = SLOTS.find((one) => one === text);
  if (slot !== undefined) return slot;
  throw usageError('ARGUMENT_INVALID', `slot: ${bounded(text)}: must be 0800 or 1400`);
}
