import type { Command } from 'commander';
import type { Knex } from 'knex';
import { accountsOf, readConfiguration, type Configuration } from '../../operations/runs/configuration.js';
import { connect, isDatabaseAway, reach } from '../../db/connect.js';
import { OpsError, unreachableError } from '../../domain/errors.js';
import type { Policy } from '../../domain/policy/policy.js';
import { operatorMeant, placeMeant } from '../../operations/accounts/meant.js';
import type { Account, Instant } from '../../domain/types.js';
import { resolveAddresses, type Addresses } from '../../runtime/addresses.js';
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

/**
 * Runs a command with settings, policy, universe and database at hand, prints its answer or its error, and closes
 * what was opened.
 * @param load where policy and universe come from: their files.
 */
export async function withContext(
  command: Command,
  action: (context: Context) => Promise<Answer>,
  load: (where: { configDir: string; db: Knex }) => Promise<Configuration> = ({ configDir }) =>
    readConfiguration(configDir),
): Promise<void> {
  const flags = command.optsWithGlobals<CommonFlags>();
  await answer(flags.json ?? false, async () => {
    const settings = loadSettings();
    const addresses = resolveAddresses(settings);
    const db = connect(addresses.databaseUrl, 2);
    try {
      const configuration = await load({ configDir: settings.configDir, db });
      const accounts = accountsOf(configuration.policy);
      const { account, at } = placeMeant(
        configuration.policy,
        { account: flags.account, at: flags.at ?? settings.at },
        machineClock(),
      );
      return await action({
        ...configuration,
        settings,
        addresses,
        db,
        accounts,
        account,
        at,
        json: flags.json ?? false,
        operator: () => operatorAsked(configuration.policy, flags.operator),
      });
    } catch (error) {
      throw explainDatabaseError(error, addresses.databaseUrl);
    } finally {
      await db.destroy();
    }
  });
}

/** Runs a command that needs nothing but its arguments; prints its answer or its error. */
export async function answer(json: boolean, action: () => Promise<Answer>): Promise<void> {
  try {
    printAnswer(await action(), json);
  } catch (error) {
    printError(error, json);
  }
}

/** Who asks: the name that was typed, or that of the environment; the policy knows the rest. */
export const operatorAsked = (policy: Policy, flag: string | undefined): string =>
  operatorMeant(policy, flag ?? process.env['TRADING_OPS_OPERATOR']);

/** What time it is on this machine. */
export const machineClock = (): Instant => new Date().toISOString();

/** Refuses when Postgres is away: a workflow would start, or a message be left, and wait for it without a word. */
export async function requireDatabase({ db }: Pick<Context, 'db'>): Promise<void> {
  await reach(db);
}

/** Turns "cannot connect" and "no schema" of the database driver into the operator's words; leaves the rest as it is. */
export function explainDatabaseError(error: unknown, databaseUrl: string): unknown {
  if (error instanceof OpsError || !(error instanceof Error)) return error;
  const where = databaseUrl.replace(/\/\/.*@/, '//');
  const code = (error as NodeJS.ErrnoException).code ?? '';
  if (isDatabaseAway(error)) {
    return unreachableError('POSTGRES_DOWN', `Postgres at ${where} does not answer (${code || error.message})`, {
      cause: error,
      remedy: 'make up',
    });
  }
  if (code === '42P01') {
    return unreachableError('SCHEMA_MISSING', `the database at ${where} has no schema yet`, {
      cause: error,
      remedy: 'make migrate',
    });
  }
  return error;
}
