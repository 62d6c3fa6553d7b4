import { parseInput } from '../../contract/reading.js';
import { triggerScheduleSchema, type TriggerSchedule } from '../../contract/schedules.js';
import { outcomeOf, type Outcome } from '../../domain/errors.js';
import { readConfiguration } from '../runs/configuration.js';
import type { ScheduleEntry } from './list.js';
import { entriesNamed, registeredSchedule, rehearsedAccount, type ServedInstallation } from './registered.js';
import { startedBy, type Started } from './started.js';

/** What was started, and whether it is a run, whose outcome can be waited for. */
export interface Triggered {
  started: Started;
  isRun: boolean;
}

/** Starts one schedule's work now, as its time would. Nobody signs it: the schedule's own name stands under what comes of it. */
export function triggerSchedule(
  { client, configDir, assertServed }: ServedInstallation,
  input: TriggerSchedule,
): Promise<Outcome<Triggered>> {
  return outcomeOf(async () => {
    const { account, schedule } = parseInput(triggerScheduleSchema, input);
    const { policy } = await readConfiguration(configDir);
    const rehearsed = rehearsedAccount(policy, account);
    const entry = entriesNamed([schedule])[0] as ScheduleEntry;
    const handle = await registeredSchedule(client, entry, rehearsed);
    await assertServed();
    return { started: await startedBy(handle, () => handle.trigger('ALLOW_ALL')), isRun: entry.isRun };
  });
}
