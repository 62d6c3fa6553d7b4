import type { Knex } from 'knex';
import type { Asker } from '../contract/asker.js';
import { listAccounts } from '../db/accounts.js';
import { stampOf, type Stamp } from '../domain/day/clock.js';
import { refusal, usageError } from '../domain/errors.js';
import type { Account } from '../domain/types.js';
import { accountsOf, readConfiguration, type Configuration } from './runs/configuration.js';

/** What operations work on: the installation's database, its files, and the configuration beside them. */
export interface Installation {
  db: Knex;
  dataDir: string;
  configDir: string;
}

/** Somebody who may ask, the account they ask for, and the instant that counts. */
export interface Admitted extends Stamp {
  operator: string;
  account: Account;
  configuration: Configuration;
}

/**
 * Lets in who may ask for an account: the policy's files name account and operator, the account is open in the database, and
 * the instant is that of the account's clock. Every operation that a person asks for begins here.
 * @throws OpsError ACCOUNT_UNKNOWN, OPERATOR_UNKNOWN, ACCOUNT_NOT_OPEN, CLAIM_IN_FUTURE, AT_MISSING
 */
export async function admit({ db, configDir }: Pick<Installation, 'db' | 'configDir'>, asker: Asker, name: string): Promise<Admitted> {
  const configuration = await readConfiguration(configDir);
  const account = accountsOf(configuration.policy).find((known) => known.account === name);
  if (!account) {
    throw usageError('ACCOUNT_UNKNOWN', `account: ${name}: is not in the policy, which names ${Object.keys(configuration.policy.accounts).join(', ')}`, {
      remedy: `trading-ops account add ${name}`,
    });
  }
  const operator = operatorOf(configuration, asker);
  if (!(await listAccounts(db)).some((known) => known.account === name)) {
    throw refusal('ACCOUNT_NOT_OPEN', `account ${name} is in the policy, but not open yet`, { remedy: `make run-0800, or trading-ops account add ${name}` });
  }
  return { operator, account, configuration, ...stampOf(account, { claimedAt: asker.claimedAt, now: asker.now() }) };
}

/** The asker's name, when the policy lists it; from the moment it is taken out there it signs nothing. */
export function operatorOf({ policy: { operators } }: Pick<Configuration, 'policy'>, { operator }: Pick<Asker, 'operator'>): string {
  if (operators.includes(operator)) return operator;
  throw usageError('OPERATOR_UNKNOWN', `operator: ${operator}: must be one of ${operators.join(', ')}`, {
    remedy: 'sign with a name of policy.yml, or add the name there',
  });
}
