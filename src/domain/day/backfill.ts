import { dateOf, dayNumber, isIsoDate, weekdayOf } from '../dates.js';
import { usageError } from '../errors.js';
import type { SchedulesPolicy } from '../policy/schedules.js';
import { bounded } from '../text.js';
import type { Instant, IsoDate, Slot } from '../types.js';
import { slotInstant } from './schedule-times.js';

const FRIDAY = 5;
const OF_DATES = { remedy: 'trading-ops schedules backfill --from YYYY-MM-DD --to YYYY-MM-DD' };
const SLOTS: readonly Slot[] = ['0800', '1400'];

/** A run of a past day. */
export interface DueRun {
  slot: Slot;
  at: Instant;
}

/**
 * The runs that were due from one day to another, Monday to Friday, in their order.
 * @param now nothing after it is made up for; null on a simulated clock, which has no present.
 * @throws OpsError DATE_INVALID, ARGUMENT_INVALID, AT_IN_FUTURE
 */
export function dueRuns(
  { from, to, slot }: { from: string; to: string; slot: string | null },
  schedules: SchedulesPolicy,
  now: Instant | null,
): DueRun[] {
  const [first, last] = [dateOfField('from', from), dateOfField('to', to)];
  if (last < first)
    throw usageError('DATE_INVALID', `to: ${bounded(to)}: must not be before --from, ${bounded(from)}`, OF_DATES);
  const slots = slot === null ? SLOTS : [slotOfField(slot)];
  const days = Array.from(
    { length: dayNumber(last) - dayNumber(first) + 1 },
    (_, index) => dayNumber(first) + index,
  ).filter((day) => weekdayOf(day) <= FRIDAY);
  const due = days.flatMap((day) => slots.map((one) => ({ slot: one, at: slotInstant(schedules, dateOf(day), one) })));
  const future = now === null ? undefined : due.find(({ at }) => at > now);
  if (future === undefined) return due;
  throw usageError(
    'AT_IN_FUTURE',
    `to: ${bounded(to)}: the ${future.slot} run of ${future.at} is still to come; only past runs are made up for`,
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
