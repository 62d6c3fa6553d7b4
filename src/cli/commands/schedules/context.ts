import type { Client } from '@temporalio/client';
import type { Command } from 'commander';
import type { Asker } from '../../../contract/asker.js';
import { connect } from '../../../db/connect.js';
import { readConfiguration, type Configuration } from '../../../operations/runs/configuration.js';
import { rehearsedAccount, type ScheduledInstallation } from '../../../operations/schedules/registered.js';
import { resolveAddresses, type Addresses } from '../../../runtime/addresses.js';
import { loadSettings, type Settings } from '../../../runtime/settings.js';
import { explainDatabaseError } from '../../../db/explained.js';
import { answer, operatorAsked, requireDatabase, type CommonFlags } from '../../kit/context.js';
import type { Answer } from '../../kit/output.js';
import { signerOf } from '../../kit/signer.js';
import { withTemporal } from '../../kit/temporal.js';

/** What the schedule commands work with. */
export interface SchedulesContext extends Configuration {
  settings: Settings;
  addresses: Addresses;
  /** The simulated account of a rehearsal; accounts on the real clock share the one set of schedules. */
  rehearsed: string | undefined;
  client: Client;
  installation: ScheduledInstallation;
  /** The account as it was named. */
  asked: string | null;
}

/** Runs a command on the schedules and prints its answer or its error. */
export async function withSchedules(
  command: Command,
  action: (context: SchedulesContext) => Promise<Answer>,
): Promise<void> {
  const flags = command.optsWithGlobals<CommonFlags>();
  await answer(flags.json ?? false, async () => {
    const settings = loadSettings();
    const configuration = await readConfiguration(settings.configDir);
    const asked = flags.account ?? null;
    const rehearsed = rehearsedAccount(configuration.policy, asked);
    const addresses = resolveAddresses(settings);
    const { dataDir, configDir, taskQueue } = settings;
    // Opens no connection before it is asked something.
    const db = connect(addresses.databaseUrl, 1);
    try {
      return await withTemporal(settings, (client) =>
        action({
          ...configuration,
          settings,
          addresses,
          rehearsed,
          client,
          asked,
          installation: { db, dataDir, configDir, client, taskQueue, now: () => new Date().toISOString() },
        }),
      );
    } finally {
      await db.destroy();
    }
  });
}

/** Does what must be put on record; says so when Postgres is away. */
export async function withDatabase<T>(
  { installation, addresses }: SchedulesContext,
  work: () => Promise<T>,
): Promise<T> {
  try {
    await requireDatabase(installation);
    return await work();
  } catch (error) {
    throw explainDatabaseError(error, addresses.databaseUrl);
  }
}

/** Who types; schedules run by the real clock, so nothing is claimed. */
export const askerOf = ({ policy, settings }: SchedulesContext, operator: string | undefined): Asker => ({
  operator: operatorAsked(policy, operator),
  door: 'cli',
  claimedAt: null,
  sign: signerOf(settings),
});

/** What is added to the commands named next, so that they are of the same schedules. */
export const accountFlag = ({ rehearsed }: Pick<SchedulesContext, 'rehearsed'>): string =>
  rehearsed === undefined ? '' : ` --account ${rehearsed}`;
