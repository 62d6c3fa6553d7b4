import type { Knex } from 'knex';
import type { Asker } from '../contract/asker.js';
import { findAccount, refuseIfDifferent } from '../db/accounts.js';
import { stampOf, type Stamp } from '../domain/day/clock.js';
import { refusal, usageError } from '../domain/errors.js';
import { accountOf } from '../domain/policy/policy.js';
import { bounded } from '../domain/text.js';
import type { Account, Instant } from '../domain/types.js';
import { readConfiguration, type Configuration } from './runs/configuration.js';

/** What operations work on: the installation's database, its files, the configuration beside them, and its clock. */
export interface Installation {
  db: Knex;
  dataDir: string;
  configDir: string;
  /** This machine's clock: what counts on a real account, whatever an asker says. */
  now(): Instant;
}

/** What lets somebody in: the configuration says who may ask, the database what is open, and the clock when. */
export type Gatehouse = Pick<Installation, 'db' | 'configDir' | 'now'>;

/** Somebody who may ask, the account they ask for, and the instant that counts. */
export interface Admitted extends Stamp {
  operator: string;
  account: Account;
  configuration: Configuration;
}

/**
 * Lets in who may ask for an account: the policy's files name account and operator, the account is open in the database, and
 * the instant is that of the account's clock. Every operation that a person asks for begins here.
 * @throws OpsError ACCOUNT_UNKNOWN, OPERATOR_UNKNOWN, ACCOUNT_NOT_OPEN, ACCOUNT_DIFFERS, CLAIM_IN_FUTURE, AT_MISSING
 */
export async function admit(installation: Gatehouse, asker: Asker, name: string): Promise<Admitted> {
  return admitUnder(installation, await readConfiguration(installation.configDir), asker, name);
}

/** The same under a configuration that the caller has at hand. */
export async function admitUnder(
  { db, now }: Pick<Installation, 'db' | 'now'>,
  configuration: Configuration,
  asker: Asker,
  name: string,
): Promise<Admitted> {
  const account = accountOf(configuration.policy, name);
  const operator = operatorOf(configuration, asker);
  const open = await findAccount(db, name);
  if (open === undefined) {
    throw refusal('ACCOUNT_NOT_OPEN', `account ${name} is in the policy, but not open yet`, {
      remedy: `make run-0800, or trading-ops account add ${name}`,
    });
  }
  // A real account whose policy was edited to a simulated clock could be back-dated.
  refuseIfDifferent(open, account);
  return { operator, account, configuration, ...stampOf(account, { claimedAt: asker.claimedAt, now: now() }) };
}

/** As `admit`, for an operation that opens the account where it is new. @throws OpsError as `admit`, but ACCOUNT_NOT_OPEN */
export async function identify({ db, configDir, now }: Gatehouse, asker: Asker, name: string): Promise<Admitted> {
  const configuration = await readConfiguration(configDir);
  const account = accountOf(configuration.policy, name);
  const operator = operatorOf(configuration, asker);
  const open = await findAccount(db, name);
  if (open) refuseIfDifferent(open, account);
  return { operator, account, configuration, ...stampOf(account, { claimedAt: asker.claimedAt, now: now() }) };
}

/** The asker's name, when the policy lists it; from the moment it is taken out there it signs nothing. */
export function operatorOf(
  { policy: { operators } }: Pick<Configuration, 'policy'>,
  { operator }: Pick<Asker, 'operator'>,
): string {
  if (operators.includes(operator)) return operator;
  throw usageError('OPERATOR_UNKNOWN', `operator: ${bounded(operator)}: must be one of ${operators.join(', ')}`, {
    remedy: 'sign with a name of policy.yml, or add the name there',
  });
}
