import path from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { parseDocument } from 'yaml';
import { openAccountSchema, type OpenAccount } from '../../contract/accounts.js';
import type { Asker } from '../../contract/asker.js';
import { parseInput } from '../../contract/reading.js';
import { openAccount as openInDatabase } from '../../db/accounts.js';
import { inTransaction, lockUntilCommit } from '../../db/transaction.js';
import { stampOf } from '../../domain/day/clock.js';
import { outcomeOf, refusal, type Outcome } from '../../domain/errors.js';
import { parsePolicy } from '../../domain/policy/policy.js';
import type { Account } from '../../domain/types.js';
import { readConfiguration, readConfigurationFile } from '../runs/configuration.js';
import { operatorOf, type Installation } from '../installation.js';

export interface AccountOpened extends Account {
  /** False when it was open already. */
  opened: boolean;
}

/**
 * Writes a new account into policy.yml, comments kept, and opens it in the database; a repeat changes nothing. One
 * after another: of two at once neither loses the other's line.
 */
export function openAccount(
  installation: Installation,
  asker: Asker,
  input: OpenAccount,
): Promise<Outcome<AccountOpened>> {
  return outcomeOf(async () => {
    const account = parseInput(openAccountSchema, input);
    const operator = operatorOf(await readConfiguration(installation.configDir), asker);
    // A simulated account begins when its operator says, or now.
    const { at } = stampOf(account, {
      claimedAt: asker.claimedAt ?? (account.clock === 'simulated' ? installation.now() : null),
      now: installation.now(),
    });
    const file = path.join(installation.configDir, 'policy.yml');
    return inTransaction(installation.db, async (trx) => {
      await lockUntilCommit(trx, 'policy-file');
      const { text, isNew } = await policyWith(file, account);
      const opened = await openInDatabase(trx, account, operator, at);
      // Last of all: when it cannot be written, nothing is stored.
      if (isNew) await writeFileAtomic(file, text);
      return { ...account, opened };
    });
  });
}

/** The policy's text with the account in it. @throws OpsError ACCOUNT_DIFFERS, POLICY_INVALID */
async function policyWith(
  file: string,
  { account, baseCurrency, clock }: Account,
): Promise<{ text: string; isNew: boolean }> {
  const text = await readConfigurationFile(file);
  const { accounts } = parsePolicy(text, file);
  const known = Object.hasOwn(accounts, account) ? accounts[account] : undefined;
  if (known) {
    if (known.base_currency === baseCurrency && known.clock === clock) return { text, isNew: false };
    throw refusal(
      'ACCOUNT_DIFFERS',
      `account: ${account}: is ${known.base_currency}, clock ${known.clock} in ${file}, and keeps that`,
    );
  }
  const document = parseDocument(text);
  document.setIn(['accounts', account], document.createNode({ base_currency: baseCurrency, clock }));
  const extended = document.toString({ lineWidth: 0 });
  parsePolicy(extended, file);
  return { text: extended, isNew: true };
}
