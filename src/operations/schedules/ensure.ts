import type {
  CalendarSpecDescription,
  Client,
  ScheduleDescription,
  ScheduleHandle,
  ScheduleOptions,
} from '@temporalio/client';
import { DateTime } from 'luxon';
import { contentHash } from '../../domain/hash.js';
import type { Policy } from '../../domain/policy/policy.js';
import { schedulesOf } from '../../domain/day/schedule-times.js';
import { isTemporalError } from '../temporal-error.js';
import { SCHEDULES, type ScheduleEntry, type ScheduleTimes } from './list.js';

const MINUTE_MS = 60_000;

/** A schedule as it should be. */
export interface ScheduleWish {
  scheduleId: string;
  /** What it should be of, from the list. */
  entry: ScheduleEntry;
  options: ScheduleOptions;
}

export type EnsureResult = { scheduleId: string; result: 'created' | 'changed' | 'unchanged' };

/**
 * The schedules that a policy wants.
 * @param account a rehearsal of one account: its runs, as schedules of their own. Without it everything of the list,
 * for the
 *   accounts whose clock is real; nothing at all when there is none.
 */
export function wishedSchedules(policy: Policy, taskQueue: string, account?: string): ScheduleWish[] {
  if (account !== undefined)
    return SCHEDULES.filter(({ isRun }) => isRun).map((entry) => wishOf(entry, policy, taskQueue, account));
  return hasRealAccount(policy) ? SCHEDULES.map((entry) => wishOf(entry, policy, taskQueue)) : [];
}

/** Whether any account runs on the real clock: only then does anything happen by itself. */
export const hasRealAccount = (policy: Policy): boolean =>
  Object.values(policy.accounts).some(({ clock }) => clock === 'real');

/** The id of a schedule: `run-0800`, or `run-0800/<account>` in a rehearsal. */
export const scheduleId = (entry: Pick<ScheduleEntry, 'id'>, account?: string): string =>
  account === undefined ? entry.id : `${entry.id}/${account}`;

function wishOf(entry: ScheduleEntry, policy: Policy, taskQueue: string, account?: string): ScheduleWish {
  const id = scheduleId(entry, account);
  return {
    scheduleId: id,
    entry,
    options: {
      scheduleId: id,
      spec: {
        calendars: calendarsOf(entry.times(policy), schedulesOf(policy).zone),
        timezone: schedulesOf(policy).zone,
      },
      policies: {
        overlap: entry.overlap ?? 'ALLOW_ALL',
        catchupWindow: entry.catchupMinutes(policy) * MINUTE_MS,
        pauseOnFailure: false,
      },
      action: {
        type: 'startWorkflow',
        workflowType: entry.workflow,
        workflowId: account === undefined ? entry.workflowId : `${entry.workflowId}/${account}`,
        taskQueue,
        args: entry.args(account === undefined ? [] : [account]),
        staticSummary: entry.summary,
        staticDetails: entry.details,
      },
    },
  };
}

/**
 * The calendars of a time of day: on the Sunday in March on which the clocks of Europe leave an hour out, a time within
 * it is made up for an hour later, for it would not come at all.
 */
function calendarsOf(times: ScheduleTimes, zone: string): CalendarSpecDescription[] {
  const daily = calendarOf(times);
  const { hours: [hour, ...others] = [], minute, weekdays } = times;
  if (hour === undefined || others.length > 0 || weekdays !== 'DAILY' || !isLeftOut({ hour, minute }, zone))
    return [daily];
  const sunday = [{ start: 'SUNDAY', end: 'SUNDAY', step: 1 }] as const;
  const march = [{ start: 'MARCH', end: 'MARCH', step: 1 }] as const;
  const last = [{ start: 25, end: 31, step: 1 }];
  return [
    daily,
    { ...calendarOf({ ...times, hours: [hour + 1] }), dayOfMonth: last, month: [...march], dayOfWeek: [...sunday] },
  ];
}

/**
 * Whether the clocks of a zone leave this time out when they go forward in March; by the rule it is the same every
 * year.
 */
function isLeftOut({ hour, minute }: { hour: number; minute: number }, zone: string): boolean {
  const day = DateTime.fromISO('2026-03-29T00:00', { zone });
  return day.set({ hour, minute }).hour !== hour;
}

/** The calendar in the form in which the server gives it back, so that the two can be compared. */
function calendarOf({ hours, minute, second = 0, weekdays }: ScheduleTimes): CalendarSpecDescription {
  const only = (value: number) => ({ start: value, end: value, step: 1 });
  return {
    second: [only(second)],
    minute: [only(minute)],
    hour: hours?.map(only) ?? [{ start: 0, end: 23, step: 1 }],
    dayOfMonth: [{ start: 1, end: 31, step: 1 }],
    month: [{ start: 'JANUARY', end: 'DECEMBER', step: 1 }],
    year: [],
    dayOfWeek: [
      weekdays === 'DAILY'
        ? { start: 'SUNDAY', end: 'SATURDAY', step: 1 }
        : { start: 'MONDAY', end: 'FRIDAY', step: 1 },
    ],
  };
}

/**
 * Creates what is missing and changes what differs from the wish, also where somebody changed it elsewhere; leaves the
 * rest alone. A pause and its note are the operator's and are kept. Harmless to repeat, and when several workers start
 * at once.
 */
export async function ensureSchedules(
  client: Client,
  taskQueue: string,
  policy: Policy,
  account?: string,
): Promise<EnsureResult[]> {
  return Promise.all(wishedSchedules(policy, taskQueue, account).map((wish) => ensureSchedule(client, wish)));
}

/** The same for one schedule. */
export async function ensureSchedule(
  client: Client,
  { scheduleId: id, options }: Pick<ScheduleWish, 'scheduleId' | 'options'>,
): Promise<EnsureResult> {
  const handle = client.schedule.getHandle(id);
  const found = await describeOrNull(handle);
  if (found) return { scheduleId: id, result: await changeUnlessSame(handle, found, options) };
  try {
    await client.schedule.create(options);
    return { scheduleId: id, result: 'created' };
  } catch (error) {
    if (!isTemporalError(error, 'ScheduleAlreadyRunning')) throw error;
    // Another worker was quicker.
    return { scheduleId: id, result: await changeUnlessSame(handle, await handle.describe(), options) };
  }
}

async function changeUnlessSame(
  handle: ScheduleHandle,
  found: ScheduleDescription,
  options: ScheduleOptions,
): Promise<'changed' | 'unchanged'> {
  if (isAsWished(found, options)) return 'unchanged';
  const { spec, action, policies } = options;
  await handle.update(({ state: { paused, note } }) => ({
    spec,
    action,
    ...(policies && { policies }),
    state: { paused, ...(note !== undefined && { note }) },
  }));
  return 'changed';
}

/** What the server has of a schedule; null when it has none of that name. */
export async function describeOrNull(handle: ScheduleHandle): Promise<ScheduleDescription | null> {
  try {
    return await handle.describe();
  } catch (error) {
    if (isTemporalError(error, 'ScheduleNotFoundError')) return null;
    throw error;
  }
}

/** Whether a schedule is as it should be; whether it is paused does not matter. */
export function isAsWished(found: ScheduleDescription, { spec, action, policies }: ScheduleOptions): boolean {
  const { skip = [], intervals = [], startAt = null, endAt = null, jitter = 0 } = found.spec;
  const has = {
    calendars: (found.spec.calendars ?? []).map(({ comment: _comment, ...calendar }) => calendar),
    zone: found.spec.timezone,
    others: [skip.length, intervals.length, startAt, endAt, jitter],
    overlap: found.policies.overlap,
    catchup: found.policies.catchupWindow,
    pauseOnFailure: found.policies.pauseOnFailure,
    remaining: found.state.remainingActions ?? null,
    workflow: [
      found.action.workflowType,
      found.action.workflowId,
      found.action.taskQueue,
      found.action.staticSummary,
      found.action.staticDetails,
    ],
    args: found.action.args,
  };
  const wants = {
    calendars: spec.calendars,
    zone: spec.timezone,
    others: [0, 0, null, null, 0],
    overlap: policies?.overlap,
    catchup: policies?.catchupWindow,
    pauseOnFailure: policies?.pauseOnFailure,
    remaining: null,
    workflow: [action.workflowType, action.workflowId, action.taskQueue, action.staticSummary, action.staticDetails],
    args: action.args,
  };
  return contentHash(has) === contentHash(wants);
}
