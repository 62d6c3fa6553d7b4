import { parseInput } from '../../contract/reading.js';
import { rehearsalSchema, type Rehearsal } from '../../contract/schedules.js';
import { outcomeOf, type Outcome } from '../../domain/errors.js';
import { readConfiguration } from '../runs/configuration.js';
import { ensureSchedules, type EnsureResult } from './ensure.js';
import { rehearsedAccount, type ScheduledInstallation } from './registered.js';

/**
 * Registers the schedules as the policy has them; says of each what was done. Nobody decides anything here: a worker does the
 * same whenever it starts, so no name is asked for.
 */
export function applySchedules(
  { client, taskQueue, configDir }: ScheduledInstallation,
  input: Rehearsal,
): Promise<Outcome<EnsureResult[]>> {
  return outcomeOf(async () => {
    const { account } = parseInput(rehearsalSchema, input);
    const { policy } = await readConfiguration(configDir);
    return ensureSchedules(client, taskQueue, policy, rehearsedAccount(policy, account));
  });
}
