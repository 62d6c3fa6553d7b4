import type { ScheduleDescription } from '@temporalio/client';
import type { ComingRun } from '../../domain/day/schedule-times.js';
import type { Policy } from '../../domain/policy/policy.js';
import type { Instant } from '../../domain/types.js';
import {
  describeOrNull,
  hasRealAccount,
  isAsWished,
  scheduleId,
  wishedSchedules,
  type ScheduleWish,
} from './ensure.js';
import { SCHEDULES } from './list.js';
import { runsAhead } from './look-ahead.js';
import { instantLookedFrom, type ScheduledInstallation } from './registered.js';

/** One schedule as the server has it. */
export interface ShownSchedule {
  scheduleId: string;
  state: 'on' | 'paused' | 'not registered';
  /** False when it is not as the policy wants it. */
  asPolicy: boolean;
  note: string | null;
  next: Instant | null;
  /** Actions since it was created, and those that came too late to be made up for. */
  taken: number;
  missed: number;
}

export interface ShownSchedules {
  /** The instant that coming runs are told from. */
  at: Instant;
  schedules: ShownSchedule[];
  next: ComingRun[];
  /** What would make the server's schedules those of the policy; null when they are. */
  mend: 'apply' | 'remove' | null;
}

/**
 * The state of each schedule, and the next runs.
 * @param rehearsed the simulated account of a rehearsal; without it those that real accounts share.
 * @param said what was said of the time.
 */
export async function showSchedules(
  { client, taskQueue, now }: Pick<ScheduledInstallation, 'client' | 'taskQueue' | 'now'>,
  policy: Policy,
  { rehearsed, said }: { rehearsed: string | undefined; said: Instant | undefined },
): Promise<ShownSchedules> {
  const at = instantLookedFrom(policy, rehearsed, said, now());
  const wishes = wishedSchedules(policy, taskQueue, rehearsed);
  const ids = SCHEDULES.filter(({ isRun }) => isRun || rehearsed === undefined).map((entry) =>
    scheduleId(entry, rehearsed),
  );
  const found = await Promise.all(
    ids.map(async (id) =>
      shownSchedule(
        id,
        wishes.find((wish) => wish.scheduleId === id),
        await describeOrNull(client.schedule.getHandle(id)),
      ),
    ),
  );
  const schedules = found.filter((one) => one !== null);
  const differs = schedules.some(({ asPolicy }) => !asPolicy);
  const wanted = rehearsed !== undefined || hasRealAccount(policy);
  return {
    at,
    schedules,
    next: runsAhead(policy, at),
    mend: differs ? (wanted ? 'apply' : 'remove') : null,
  };
}

/** Null for what is neither wanted nor there. */
function shownSchedule(
  id: string,
  wish: ScheduleWish | undefined,
  found: ScheduleDescription | null,
): ShownSchedule | null {
  if (!found)
    return wish
      ? { scheduleId: id, state: 'not registered', asPolicy: false, note: null, next: null, taken: 0, missed: 0 }
      : null;
  const { state, info } = found;
  return {
    scheduleId: id,
    state: state.paused ? 'paused' : 'on',
    asPolicy: wish !== undefined && isAsWished(found, wish.options),
    note: state.note || null,
    next: state.paused ? null : (info.nextActionTimes[0]?.toISOString() ?? null),
    taken: info.numActionsTaken,
    missed: info.numActionsMissedCatchupWindow,
  };
}
