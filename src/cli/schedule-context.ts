import type { Client } from '@temporalio/client';
import type { Command } from 'commander';
import { readConfiguration, type Configuration } from '../activities/configuration.js';
import { accountOf } from '../domain/policy.js';
import type { Account } from '../domain/types.js';
import { resolveAddresses, type Addresses } from '../runtime/addresses.js';
import { loadSettings, type Settings } from '../runtime/settings.js';
import { answer, type CommonFlags } from './context.js';
import type { Answer } from './output.js';
import { withTemporal } from './temporal.js';

/** What the schedule commands work with: they are of no account, unless one is named for a rehearsal. */
export interface SchedulesContext extends Configuration {
  settings: Settings;
  addresses: Addresses;
  /** The account of a rehearsal. */
  account: Account | null;
  client: Client;
}

/** Runs a command on the schedules and prints its answer or its error. */
export async function withSchedules(command: Command, action: (context: SchedulesContext) => Promise<Answer>): Promise<void> {
  const flags = command.optsWithGlobals<CommonFlags>();
  await answer(flags.json ?? false, async () => {
    const settings = loadSettings();
    const configuration = await readConfiguration(settings.configDir);
    const account = flags.account === undefined ? null : accountOf(configuration.policy, flags.account);
    return withTemporal(settings, (client) => action({ ...configuration, settings, addresses: resolveAddresses(settings), account, client }));
  });
}

/** What is added to the commands named next, so that they are of the same schedules. */
export const accountFlag = ({ account }: SchedulesContext): string => (account ? ` --account ${account.account}` : '');
