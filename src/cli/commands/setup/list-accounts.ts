import type { Command } from 'commander';
import { listAccounts } from '../../../db/accounts.js';
import { withContext } from '../../kit/context.js';

/** Lists the accounts in the database. */
export async function showAccounts(command: Command): Promise<void> {
  await withContext(command, async ({ db }) => {
    const accounts = await listAccounts(db);
    return {
      data: accounts,
      lines: accounts.map(({ account, baseCurrency, clock }) => `${account}: ${baseCurrency}, clock ${clock}`),
      next: 'trading-ops day',
    };
  });
}
