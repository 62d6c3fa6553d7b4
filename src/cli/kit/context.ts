import type { Command } from 'commander';
import type { Knex } from 'knex';
import { accountsOf, readConfiguration, type Configuration } from '../../operations/runs/configuration.js';
import { answersWithin, connect, OF_A_COMMAND, reach, type Patience } from '../../db/connect.js';
import { explainDatabaseError } from '../../db/explained.js';
import { fullDisk } from './disk.js';
import { whileItAnswers, type Pulse } from './pulse.js';
import { OpsError } from '../../domain/errors.js';
import type { Policy } from '../../domain/policy/policy.js';
import { accountOfAll, operatorMeant, placeMeant } from '../../operations/accounts/meant.js';
import type { Account, Instant } from '../../domain/types.js';
import { resolveAddresses, type Addresses } from '../../runtime/addresses.js';
import { installationPaths } from '../../runtime/paths.js';
import { downForRestore } from '../../runtime/postgres/restore-under-way.js';
import { loadSettings, type Settings } from '../../runtime/settings.js';
import { printAnswer, printError, type Answer } from './output.js';

/** Flags that commands share; commander fills in what was typed. */
export interface CommonFlags {
  account?: string;
  operator?: string;
  at?: string;
  json?: boolean;
}

/** What a command works with. Everything is checked by the time it gets here. */
export interface Context extends Configuration {
  settings: Settings;
  addresses: Addresses;
  db: Knex;
  /** All accounts of the policy. */
  accounts: Account[];
  /** The account asked for. */
  account: Account;
  /** The instant of the command: now, or --at on a simulated clock. */
  at: Instant;
  json: boolean;
  /** The operator's name, checked against the policy; throws when it is not clear who asks. */
  operator(): string;
}

/** How a command runs that is not like the others. */
export interface Choices {
  /** Where policy and universe come from: their files. */
  load?(where: { configDir: string; db: Knex }): Promise<Configuration>;
  patience?: Patience;
  /** How long it waits for Postgres: as long as that one answers. */
  within?<T>(pulse: Pulse, work: Promise<T>): Promise<T>;
  /** What is done when it cannot be done: by itself the error is told. */
  instead?(error: unknown, where: { settings: Settings; flags: CommonFlags }): Promise<Answer>;
}

/**
 * Runs a command with settings, policy, universe and database at hand, prints its answer or its error, and closes
 * what was opened.
 */
export async function withContext(
  command: Command,
  action: (context: Context) => Promise<Answer>,
  {
    load = ({ configDir }) => readConfiguration(configDir),
    patience = OF_A_COMMAND,
    within = whileItAnswers,
    instead = (error) => Promise.reject(error as Error),
  }: Choices = {},
): Promise<void> {
  const flags = command.optsWithGlobals<CommonFlags>();
  await answer(flags.json ?? false, async () => {
    const settings = loadSettings();
    const addresses = resolveAddresses(settings);
    const db = connect(addresses.databaseUrl, 2, patience);
    try {
      const pulse = pulseOf(addresses.databaseUrl);
      const configuration = await within(pulse, load({ configDir: settings.configDir, db }));
      const accounts = accountsOf(configuration.policy);
      const { account, at } = placeMeant(
        configuration.policy,
        { account: flags.account ?? ofAll(command, configuration.policy), at: flags.at ?? settings.at },
        machineClock(),
      );
      return await within(
        pulse,
        action({
          ...configuration,
          settings,
          addresses,
          db,
          accounts,
          account,
          at,
          json: flags.json ?? false,
          operator: () => operatorAsked(configuration.policy, flags.operator),
        }),
      );
    } catch (error) {
      return await instead(whyOf(explainDatabaseError(error, addresses.databaseUrl), settings), { settings, flags });
    } finally {
      await closed(db);
    }
  });
}

/** Of a command that asks for no account. */
const ofAll = (command: Command, policy: Policy): string | undefined =>
  command.options.some(({ long }) => long === '--account') ? undefined : accountOfAll(policy);

/**
 * A server of this machine that is away because its disk is full, or for a restore, is not started by `make up`; and of
 * a full disk Postgres itself says now and then only that something went wrong inside.
 */
const whyOf = (error: unknown, settings: Settings): unknown =>
  error instanceof OpsError && error.code !== 'POSTGRES_DOWN'
    ? error
    : (fullDisk(settings) ?? downForRestore(installationPaths(settings.dataDir)) ?? error);

/** Asks Postgres, while a command waits for it, whether it still answers. */
const pulseOf = (databaseUrl: string): Pulse => ({
  ask: (ms) => answersWithin(databaseUrl, ms),
  lost: () => explainDatabaseError(new Error('timeout: it stopped answering'), databaseUrl),
});

/** Closes the connections; those of a server that is stopped are left, for nobody says farewell. */
export async function closed(db: Knex): Promise<void> {
  let limit: NodeJS.Timeout | undefined;
  await Promise.race([db.destroy(), new Promise((resolve) => (limit = setTimeout(resolve, 1_000)))]);
  clearTimeout(limit);
}

/** Runs a command that needs nothing but its arguments; prints its answer or its error. */
export async function answer(json: boolean, action: () => Promise<Answer>): Promise<void> {
  try {
    printAnswer(await action(), json);
  } catch (error) {
    printError(error, json);
  }
}

/** The name that was typed, or that of the environment. */
export const operatorSaid = (flag: string | undefined): string | undefined =>
  flag ?? (process.env['TRADING_OPS_OPERATOR'] || undefined);

/** Who asks: as it was said; the policy knows the rest. */
export const operatorAsked = (policy: Policy, flag: string | undefined): string =>
  operatorMeant(policy, operatorSaid(flag));

/** What time it is on this machine. */
export const machineClock = (): Instant => new Date().toISOString();

/** Refuses when Postgres is away: a workflow would start, or a message be left, and wait for it without a word. */
export async function requireDatabase({ db }: Pick<Context, 'db'>): Promise<void> {
  await reach(db);
}
