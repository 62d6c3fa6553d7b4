import type { Knex } from 'knex';
import type { Asker } from '../contract/asker.js';
import { findAccount, refuseIfDifferent } from '../db/accounts.js';
import { stampOf, type Stamp } from '../domain/day/clock.js';
import { refusal, usageError } from '../domain/errors.js';
import { accountOf } from '../domain/policy/policy.js';
import { bounded } from '../domain/text.js';
import type { Account, Instant } from '../domain/types.js';
import { accountCommand, runsOfAccount } from '../reports/commands.js';
import { readConfiguration, type Configuration } from './runs/configuration.js';
import { expectSigned, prove, type Proof, type Said } from './signing/prove.js';
import { actOf, type Order } from '../domain/signing/act.js';

/** What operations work on: the installation's database, its files, the configuration beside them, and its clock. */
export interface Installation {
  db: Knex;
  dataDir: string;
  configDir: string;
  /** This machine's clock: what counts on a real account, whatever an asker says. */
  now(): Instant;
}

/** What lets somebody in: the configuration says who may ask, the database what is open, and the clock when. */
export type Gatehouse = Pick<Installation, 'db' | 'dataDir' | 'configDir' | 'now'>;

/** Somebody who may ask, the account they ask for, and the instant that counts. */
export interface Admitted extends Stamp {
  operator: string;
  account: Account;
  configuration: Configuration;
}

/** The same, with the signature of what is asked for. */
export interface Proven extends Admitted {
  proof: Proof;
}

/**
 * Adds the signature of what somebody who was let in asks for.
 * @throws OpsError SIGNATURE_MISSING, SIGNATURE_INVALID, SIGNATURE_OF_ANOTHER, SIGNATURE_REPLAYED, and what signing throws
 */
export const proven = async <Someone extends Pick<Admitted, 'operator'>>(
  place: Gatehouse,
  asker: Asker,
  admitted: Someone,
  order: Order,
): Promise<Someone & { proof: Proof }> => ({
  ...admitted,
  proof: await prove(place, asker, actOf(order), order.content),
});

/**
 * Lets in who may ask for an account: the policy's files name account and operator, the account is open in the
 * database, and the instant is that of the account's clock. Every operation that a person asks for begins here.
 * @param said what a message asks for: it is signed, or nothing of it is looked at. Left out while it is prepared.
 * @throws OpsError ACCOUNT_UNKNOWN, OPERATOR_UNKNOWN, ACCOUNT_NOT_OPEN, ACCOUNT_DIFFERS, CLAIM_IN_FUTURE, AT_MISSING
 */
export async function admit(installation: Gatehouse, asker: Asker, name: string, said?: Said): Promise<Admitted> {
  if (said) await expectSigned(installation, asker, said);
  return admitUnder(installation, await readConfiguration(installation.configDir), asker, name);
}

/** The same under a configuration that the caller has at hand. */
export function admitUnder(
  { db, now }: Pick<Installation, 'db' | 'now'>,
  configuration: Configuration,
  asker: Asker,
  name: string,
): Promise<Admitted> {
  return admission({ configuration, asker, name, now }, async (account) => {
    if (await refuseUnlessSame(db, account)) return;
    throw refusal('ACCOUNT_NOT_OPEN', `account ${name} is in the policy, but not open yet`, {
      remedy: `${runsOfAccount('make run-0800', name)}, or ${accountCommand(account)}`,
    });
  });
}

/**
 * As `admit`, for an operation that opens the account where it is new. @throws OpsError as `admit`, but
 * ACCOUNT_NOT_OPEN
 */
export async function identify(installation: Gatehouse, asker: Asker, name: string, said?: Said): Promise<Admitted> {
  const { db, configDir, now } = installation;
  if (said) await expectSigned(installation, asker, said);
  const configuration = await readConfiguration(configDir);
  return admission({ configuration, asker, name, now }, async (account) => void (await refuseUnlessSame(db, account)));
}

/**
 * What every admission has in common: account and operator are the policy's, and the instant is that of the
 * account's clock.
 * @param standing holds the account against what is stored of it.
 * @throws OpsError ACCOUNT_UNKNOWN, OPERATOR_UNKNOWN, CLAIM_IN_FUTURE, AT_MISSING, and what `standing` throws
 */
export async function admission(
  { configuration, asker, name, now }: { configuration: Configuration; asker: Asker; name: string; now(): Instant },
  standing: (account: Account) => Promise<void> = () => Promise.resolve(),
): Promise<Admitted> {
  const account = accountOf(configuration.policy, name);
  const operator = operatorOf(configuration, asker);
  await standing(account);
  return { operator, account, configuration, ...stampOf(account, { claimedAt: asker.claimedAt, now: now() }) };
}

/**
 * Refuses an account that is open otherwise than the policy has it: one of the real clock that was edited to a
 * simulated one could be back-dated.
 * @returns whether it is open
 */
async function refuseUnlessSame(db: Knex, account: Account): Promise<boolean> {
  const open = await findAccount(db, account.account);
  if (open) refuseIfDifferent(open, account);
  return open !== undefined;
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
