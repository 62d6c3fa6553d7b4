import type { Command } from 'commander';
import type { Knex } from 'knex';
import { accountsOf, readConfiguration, type Configuration } from '../../operations/runs/configuration.js';
import { connect, isDatabaseAway } from '../../db/connect.js';
import { OpsError, unreachableError, usageError } from '../../domain/errors.js';
import type { Account, Instant } from '../../domain/types.js';
import { resolveAddresses, type Addresses } from '../../runtime/addresses.js';
import { loadSettings, type Settings } from '../../runtime/settings.js';
import { printAnswer, printError, type Answer } from './output.js';
import { bounded } from '../../domain/text.js';

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
      const account = chooseAccount(accounts, flags.account);
      const at = instantOf(flags.at ?? settings.at, account);
      return await action({
        ...configuration,
        settings,
        addresses,
        db,
        accounts,
        account,
        at,
        json: flags.json ?? false,
        operator: () => operatorOf(configuration.policy.operators, flags.operator),
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

function chooseAccount(accounts: Account[], asked: string | undefined): Account {
  const names = accounts.map(({ account }) => account);
  const name = asked ?? (names.length === 1 ? names[0] : 'main');
  const found = accounts.find(({ account }) => account === name);
  if (found) return found;
  throw usageError(
    'ACCOUNT_UNKNOWN',
    `account: ${bounded(name ?? '')}: is not in the policy, which names ${names.join(', ')}`,
    {
      remedy: 'trading-ops account add <name>',
    },
  );
}

const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$/;

/**
 * The instant a command acts at: the real clock, or `--at` on a simulated one.
 * On a real account `--at` is refused, so that nobody back-dates a real ledger (docs/RULES.md 4.1).
 */
export function instantOf(asked: string | undefined, account: Account, now: () => Date = () => new Date()): Instant {
  if (asked === undefined) return now().toISOString();
  if (account.clock === 'real') {
    throw usageError(
      'CLOCK_IS_REAL',
      `at: ${bounded(asked)}: account ${account.account} runs on the real clock, --at and TRADING_OPS_AT are refused`,
      {
        remedy: 'leave --at out; for tests and simulations use an account whose policy says clock: simulated',
      },
    );
  }
  const instant = new Date(asked);
  if (!INSTANT.test(asked) || Number.isNaN(instant.getTime())) {
    throw usageError(
      'AT_INVALID',
      `at: ${bounded(asked)}: must be an ISO 8601 instant with offset, such as 2018-05-14T14:00:00+01:00`,
    );
  }
  return instant.toISOString();
}

/** The operator's name: the flag's, the environment's or the only one of the policy; refused when it is none of the policy's. */
export function operatorOf(operators: string[], flag: string | undefined): string {
  const asked = flag ?? process.env['TRADING_OPS_OPERATOR'] ?? (operators.length === 1 ? operators[0] : undefined);
  if (asked === undefined) {
    throw usageError('OPERATOR_MISSING', `operator: must be one of ${operators.join(', ')}`, {
      remedy: 'add --operator <name>, or set TRADING_OPS_OPERATOR',
    });
  }
  if (operators.includes(asked)) return asked;
  throw usageError('OPERATOR_UNKNOWN', `operator: ${bounded(asked)}: must be one of ${operators.join(', ')}`, {
    remedy: 'sign with a name of policy.yml, or add the name there',
  });
}

/** Refuses when Postgres is away: a workflow would start, or a message be left, and wait for it without a word. */
export async function requireDatabase({ db }: Pick<Context, 'db'>): Promise<void> {
  await db.raw('select 1');
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
