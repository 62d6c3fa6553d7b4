import type { Knex } from 'knex';
import type { Asker } from '../../contract/asker.js';
import { actOf, type Order } from '../../domain/signing/act.js';
import { accountOpenedAt } from '../../db/accounts.js';
import { refuseBeforeAccount, type Stamp } from '../../domain/day/clock.js';
import { readConfiguration } from '../runs/configuration.js';
import { expectSigned } from '../signing/prove.js';
import { admission, admit, proven, type Admitted, type Gatehouse, type Proven } from '../installation.js';

/**
 * Admits whoever may act on an account's books and has signed what they ask for: what they say of the time is not from
 * before the account was opened.
 * @throws OpsError as `admit` and `proven`, and CLAIM_BEFORE_ACCOUNT
 */
export async function admitToBooks(
  installation: Gatehouse,
  asker: Asker,
  order: Order & { account: string },
): Promise<Proven> {
  const admitted = await admit(installation, asker, order.account, actOf(order));
  await refuseEarlyClaim(installation.db, admitted);
  return proven(installation, asker, admitted, order);
}

/**
 * The same for whoever only wants to see what their booking would do: nothing is asked for yet, so nothing is signed.
 * @throws OpsError as `admit`, and CLAIM_BEFORE_ACCOUNT
 */
export async function admitToLook(place: Gatehouse, asker: Asker, account: string): Promise<Admitted> {
  const admitted = await admit(place, asker, account);
  await refuseEarlyClaim(place.db, admitted);
  return admitted;
}

/**
 * The same for what concerns the whole installation (a ruling, an alert, files): the clock is that of the account
 * somebody asks under, which need not be open yet.
 * @throws OpsError ACCOUNT_UNKNOWN, OPERATOR_UNKNOWN, CLAIM_IN_FUTURE, AT_MISSING, CLAIM_BEFORE_ACCOUNT
 */
export async function admitToInstallation(installation: Gatehouse, asker: Asker, name: string): Promise<Admitted>;
export async function admitToInstallation(
  installation: Gatehouse,
  asker: Asker,
  name: string,
  order: Order,
): Promise<Proven>;
export async function admitToInstallation(
  installation: Gatehouse,
  asker: Asker,
  name: string,
  order?: Order,
): Promise<Admitted | Proven> {
  if (order) await expectSigned(installation, asker, actOf(order));
  const configuration = await readConfiguration(installation.configDir);
  const admitted = await admission({ configuration, asker, name, now: installation.now });
  await refuseEarlyClaim(installation.db, admitted);
  return order ? proven(installation, asker, admitted, order) : admitted;
}

/** Refuses a claim from before the account was opened. @throws OpsError CLAIM_BEFORE_ACCOUNT */
export async function refuseEarlyClaim(
  db: Knex,
  { account: { account }, claimedAt }: Pick<Admitted, 'account' | 'claimedAt'>,
): Promise<void> {
  if (claimedAt === null) return;
  const openedAt = await accountOpenedAt(db, account);
  if (openedAt !== null) refuseBeforeAccount({ claimedAt }, { account, openedAt });
}

/** What an audit record says of the sender's word, where that is not what counts. */
export const claimOf = ({ at, claimedAt }: Stamp): { claimedAt?: string } =>
  claimedAt === null || claimedAt === at ? {} : { claimedAt };
