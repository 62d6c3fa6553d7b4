import type { Db } from './connect.js';
import { ask, question, type Question } from './questions.js';
import type { Row } from './tables.js';
import { refusal } from '../domain/errors.js';
import type { Account, Instant } from '../domain/types.js';

/** Every account of this installation, by name. */
export const listAccounts = (db: Db): Promise<Account[]> => ask(db, accountsQuestion(db));

/** The accounts, or the one of a name, as a question. */
export const accountsQuestion = (db: Db, account?: string): Question<Account[]> =>
  question<Account[]>(
    db('accounts')
      .where(account === undefined ? {} : { account })
      .orderBy('account')
      .select('account', 'base_currency', 'clock'),
    (rows: Pick<Row<'accounts'>, 'account' | 'base_currency' | 'clock'>[]) =>
      rows.map((row) => ({ account: row.account, baseCurrency: row.base_currency, clock: row.clock })),
  );

/** When the account was opened, by the database's clock; null for one that is not open. */
export async function accountOpenedAt(db: Db, account: string): Promise<Instant | null> {
  const row = await db('accounts').where({ account }).first('opened_at');
  return row?.opened_at ?? null;
}

/**
 * Opens the account when it is new, and refuses one that is already there with another currency or clock: the ledger's
 * figures would change their meaning.
 * @returns whether it was opened now.
 */
export async function openAccount(db: Db, account: Account, actor: string, at: string): Promise<boolean> {
  const known = await findAccount(db, account.account);
  if (known) return refuseIfDifferent(known, account);
  const opened = await db('accounts')
    .insert({ account: account.account, base_currency: account.baseCurrency, clock: account.clock })
    .onConflict('account')
    .ignore()
    .returning('account');
  // Somebody else opened it a moment ago.
  if (opened.length === 0) return refuseIfDifferent(await findAccount(db, account.account), account);
  await db('audit_log').insert({
    at,
    account: account.account,
    actor,
    action: 'account.opened',
    subject: account.account,
    detail: JSON.stringify({ baseCurrency: account.baseCurrency, clock: account.clock }),
  });
  return true;
}

/** The account of this name as it was opened; undefined for one that is not. */
export const findAccount = async (db: Db, name: string): Promise<Account | undefined> =>
  (await ask(db, accountsQuestion(db, name)))[0];

/** Refuses an account whose policy says another currency or clock than it was opened with. @throws OpsError ACCOUNT_DIFFERS */
export function refuseIfDifferent(stored: Account | undefined, account: Account): false {
  if (stored?.baseCurrency === account.baseCurrency && stored.clock === account.clock) return false;
  throw refusal(
    'ACCOUNT_DIFFERS',
    `account ${account.account} is ${stored?.baseCurrency}, clock ${stored?.clock} in the database, but ` +
      `${account.baseCurrency}, clock ${account.clock} in the policy`,
    {
      remedy: 'put the policy back, or open another account: trading-ops account add <name> --base-currency <currency>',
    },
  );
}
