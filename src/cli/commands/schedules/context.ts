import type { Client, ScheduleHandle } from '@temporalio/client';
import type { Command } from 'commander';
import { readConfiguration, type Configuration } from '../../../operations/runs/configuration.js';
import { entryNamed, SCHEDULES, type ScheduleEntry } from '../../../operations/schedules/list.js';
import { describeOrNull, scheduleId } from '../../../operations/schedules/ensure.js';
import { refusal, usageError } from '../../../domain/errors.js';
import { accountOf } from '../../../domain/policy/policy.js';
import type { Account } from '../../../domain/types.js';
import { resolveAddresses, type Addresses } from '../../../runtime/addresses.js';
import { loadSettings, type Settings } from '../../../runtime/settings.js';
import { answer, type CommonFlags } from '../../kit/context.js';
import type { Answer } from '../../kit/output.js';
import { withTemporal } from '../../kit/temporal.js';

/** What the schedule commands work with. */
export interface SchedulesContext extends Configuration {
  settings: Settings;
  addresses: Addresses;
  /** The simulated account of a rehearsal; accounts on the real clock share the one set of schedules. */
  account: Account | null;
  client: Client;
}

/** Runs a command on the schedules and prints its answer or its error. */
export async function withSchedules(command: Command, action: (context: SchedulesContext) => Promise<Answer>): Promise<void> {
  const flags = command.optsWithGlobals<CommonFlags>();
  await answer(flags.json ?? false, async () => {
    const settings = loadSettings();
    const configuration = await readConfiguration(settings.configDir);
    const named = flags.account === undefined ? null : accountOf(configuration.policy, flags.account);
    const account = named?.clock === 'simulated' ? named : null;
    return withTemporal(settings, (client) => action({ ...configuration, settings, addresses: resolveAddresses(settings), account, client }));
  });
}

/** What is added to the commands named next, so that they are of the same schedules. */
export const accountFlag = ({ account }: Pick<SchedulesContext, 'account'>): string => (account ? ` --account ${account.account}` : '');

/** The entries that were named; both runs when none was. */
export function entriesNamed(names: readonly string[]): ScheduleEntry[] {
  if (names.length === 0) return SCHEDULES.filter(({ isRun }) => isRun);
  return names.map((name) => {
    const entry = entryNamed(name);
    if (entry) return entry;
    throw usageError('SCHEDULE_UNKNOWN', `schedule: ${name}: must be one of ${SCHEDULES.map(({ id }) => id).join(', ')}`);
  });
}

/** The schedule of an entry on the server; refused when it is not registered. */
export async function registeredSchedule(context: Pick<SchedulesContext, 'client' | 'account'>, entry: ScheduleEntry): Promise<ScheduleHandle> {
  const handle = context.client.schedule.getHandle(scheduleId(entry, context.account?.account));
  if (await describeOrNull(handle)) return handle;
  throw refusal('SCHEDULE_MISSING', `${handle.scheduleId} is not registered`, { remedy: `trading-ops schedules apply${accountFlag(context)}` });
}
