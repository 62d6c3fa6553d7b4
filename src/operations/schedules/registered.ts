import type { Client, ScheduleHandle } from '@temporalio/client';
import { refusal, usageError } from '../../domain/errors.js';
import { accountOf, type Policy } from '../../domain/policy/policy.js';
import { instantMeant } from '../../domain/day/clock.js';
import type { Instant } from '../../domain/types.js';
import type { Installation } from '../installation.js';
import { describeOrNull, hasRealAccount, scheduleId } from './ensure.js';
import { entryNamed, SCHEDULES, type ScheduleEntry } from './list.js';
import { bounded } from '../../domain/text.js';

/** What operations on schedules work on: the installation, and the server that keeps its schedules. */
export interface ScheduledInstallation extends Installation {
  client: Client;
  taskQueue: string;
}

/** The same, where somebody can tell whether a worker would do what is started. */
export interface ServedInstallation extends ScheduledInstallation {
  /** @throws OpsError WORKER_DOWN */
  assertServed(): Promise<void>;
}

/**
 * The account of a rehearsal: a simulated one has schedules of its own; accounts on the real clock share one set, which no name
 * means too. @throws OpsError ACCOUNT_UNKNOWN
 */
export function rehearsedAccount(policy: Policy, name: string | null): string | undefined {
  const named = name === null ? null : accountOf(policy, name);
  return named?.clock === 'simulated' ? named.account : undefined;
}

/** The entries that were named; both runs when none was. @throws OpsError SCHEDULE_UNKNOWN */
export function entriesNamed(names: readonly string[]): ScheduleEntry[] {
  if (names.length === 0) return SCHEDULES.filter(({ isRun }) => isRun);
  return names.map((name) => {
    const entry = entryNamed(name);
    if (entry) return entry;
    throw usageError(
      'SCHEDULE_UNKNOWN',
      `schedule: ${bounded(name)}: must be one of ${SCHEDULES.map(({ id }) => id).join(', ')}`,
    );
  });
}

/** The schedule of an entry on the server. @throws OpsError SCHEDULE_MISSING */
export async function registeredSchedule(
  client: Client,
  entry: ScheduleEntry,
  account: string | undefined,
): Promise<ScheduleHandle> {
  const handle = client.schedule.getHandle(scheduleId(entry, account));
  if (await describeOrNull(handle)) return handle;
  throw refusal('SCHEDULE_MISSING', `${handle.scheduleId} is not registered`, {
    remedy: `trading-ops schedules apply${account === undefined ? '' : ` --account ${account}`}`,
  });
}

/**
 * The instant from which coming runs are told. Schedules run by the real clock, unless they are of a rehearsal or no account is
 * real. @throws OpsError CLOCK_IS_REAL, AT_INVALID
 */
export const instantLookedFrom = (
  policy: Policy,
  rehearsed: string | undefined,
  said: string | undefined,
  now: Instant,
): Instant =>
  instantMeant(
    said,
    { account: 'of the policy', clock: rehearsed !== undefined || !hasRealAccount(policy) ? 'simulated' : 'real' },
    now,
  );
