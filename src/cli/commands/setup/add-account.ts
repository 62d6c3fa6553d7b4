import type { Command } from 'commander';
import type { OpenAccount } from '../../../contract/accounts.js';
import { OpsError, resultOrThrow } from '../../../domain/errors.js';
import { openAccount } from '../../../operations/accounts/open.js';
import { askerOf, installationOf } from '../../kit/asker.js';
import { applySchedules } from '../../../operations/schedules/apply.js';
import { withContext, type Context } from '../../kit/context.js';
import { withTemporal } from '../../kit/temporal.js';

/** Has the schedules and the hourly watch there at once for an account on the real clock, and says so. */
async function scheduled(context: Context): Promise<string> {
  const { taskQueue } = context.settings;
  try {
    const registered = resultOrThrow(
      await withTemporal(context.settings, (client) =>
        applySchedules({ ...installationOf(context), client, taskQueue }, { account: null }),
      ),
    );
    const created = registered.filter(({ result }) => result === 'created').map(({ scheduleId }) => scheduleId);
    return created.length === 0
      ? `Its schedules and its watch are registered: ${registered.map(({ scheduleId }) => scheduleId).join(', ')}.`
      : `Registered now, so that its runs start and its watch looks by themselves: ${created.join(', ')}.`;
  } catch (error) {
    if (!(error instanceof OpsError) || error.code !== 'TEMPORAL_DOWN') throw error;
    return 'NOTHING STARTS BY ITSELF YET: Temporal does not answer; make up registers its schedules and its watch.';
  }
}

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
        ...(account.clock === 'real' ? [await scheduled(context)] : []),
      ],
      next: `make run-0800, then reconcile: the first snapshot of ${name} opens its ledger`,
    };
  });
}
