import type { Command } from 'commander';
import type { OpenAccount } from '../../../contract/accounts.js';
import { resultOrThrow } from '../../../domain/errors.js';
import { openAccount } from '../../../operations/accounts/open.js';
import { askerOf, installationOf } from '../../kit/asker.js';
import { withContext } from '../../kit/context.js';

/** Opens an account in policy.yml and in the database; a repeat changes nothing. */
export async function addAccount(name: string, command: Command): Promise<void> {
  await withContext(command, async (context) => {
    const { baseCurrency, clock } = command.opts<Pick<OpenAccount, 'baseCurrency' | 'clock'>>();
    const { opened: isNew, ...account } = resultOrThrow(
      await openAccount(installationOf(context), askerOf(context), { account: name, baseCurrency, clock }),
    );
    return {
      data: { ...account, opened: isNew },
      lines: [
        `Account ${name}: ${account.baseCurrency}, clock ${account.clock}, ${isNew ? 'opened' : 'was open already'}.`,
      ],
      next: `make run-0800, then reconcile: the first snapshot of ${name} opens its ledger`,
    };
  });
}
