import type { Knex } from 'knex';
import { accountsQuestion, openAccount } from '../../db/accounts.js';
import { loadPinned, newestPinnedQuestion } from '../../db/current-configuration.js';
import { dayQuestion, recallDay, recordOpening } from '../../db/days.js';
import { storeConfiguration } from '../../db/configurations.js';
import { askTogether } from '../../db/questions.js';
import { inTransaction } from '../../db/transaction.js';
import { mayOpenDay } from '../../domain/day/opening.js';
import type { StoredDay } from '../../domain/day/state.js';
import { refusal } from '../../domain/errors.js';
import { accountOf } from '../../domain/policy/policy.js';
import type { Account, Clock, Instant } from '../../domain/types.js';
import type { DayKey } from '../../contract/day-messages.js';
import type { Gatehouse } from '../installation.js';
import { readConfiguration, type Configuration } from '../runs/configuration.js';

export interface OpenDay extends DayKey {
  /** When it opens, on a simulated clock; a real account's day opens by this machine's. */
  at: Instant;
  /** The clock that whoever opens it believes the account to have. */
  clock?: Clock;
}

/**
 * Records that the day is open (the first time stands) and recalls where it stands. On a fresh installation it pins
 * policy and universe and opens the account first. A real account's day that is past or far off, and was never opened,
 * stays unopened: what it is told is answered by the rules of what is said, and nothing is stored.
 * @throws OpsError ACCOUNT_UNKNOWN; ACCOUNT_DIFFERS when the account has another clock than whoever opens the day
 * believes
 */
export async function openDay(
  { db, configDir, now }: Gatehouse,
  { account, tradingDay, at, clock }: OpenDay,
): Promise<StoredDay> {
  const day = { account, tradingDay };
  const [[known], pinned, stored] = await askTogether(
    db,
    accountsQuestion(db, account),
    newestPinnedQuestion(db),
    dayQuestion(db, day),
  );
  const configuration = known && pinned ? await loadPinned(db, pinned) : await readConfiguration(configDir);
  const owner = known ?? accountOf(configuration.policy, account);
  if (clock !== undefined && clock !== owner.clock) {
    throw refusal('ACCOUNT_DIFFERS', `clock: ${clock}: account ${account} runs on the ${owner.clock} clock`, {
      remedy: 'trading-ops day',
    });
  }
  if (stored.openedAt) return stored;
  const openedAt = owner.clock === 'real' ? now() : at;
  if (!mayOpenDay(owner, tradingDay, openedAt, configuration.policy.calendar)) return stored;
  if (known) await recordOpening(db, day, openedAt);
  else
    await inTransaction(db, async (trx) => {
      await openFirst(trx, owner, configuration, openedAt);
      await recordOpening(trx, day, openedAt);
    });
  return recallDay(db, day);
}

/** The first thing that ever happens to the account. */
async function openFirst(
  trx: Knex.Transaction,
  account: Account,
  { policy, policyHash, universe, universeHash }: Configuration,
  at: Instant,
): Promise<void> {
  await storeConfiguration(trx, 'policy', policyHash, policy);
  await storeConfiguration(trx, 'universe', universeHash, universe);
  await openAccount(trx, account, 'system', at);
}
