import type { Client } from '@temporalio/client';
import type { Command } from 'commander';
import type { DayView } from '../../../domain/day/state.js';
import { resultOrThrow } from '../../../domain/errors.js';
import { showDay as lookAtDay } from '../../../operations/day/show.js';
import { nextOfDay } from '../../../reports/catalogue/next.js';
import { withContext } from '../../kit/context.js';
import { withTemporal, workerIsUp } from '../../kit/temporal.js';
import { runWaitedFor } from './next.js';

/** Shows where a day stands. */
export async function showDay(command: Command): Promise<void> {
  await withContext(command, async (context) => {
    const { tradingDay } = command.opts<{ tradingDay?: string }>();
    const look = {
      db: context.db,
      askServer: (ask: (client: Client) => Promise<DayView | null>) =>
        withTemporal(context.settings, async (client) => ((await workerIsUp(client, context)) ? ask(client) : null)),
    };
    const { view, instead } = resultOrThrow(
      await lookAtDay(look, {
        account: context.account.account,
        tradingDay,
        at: context.at,
        calendar: context.policy.calendar,
      }),
    );
    return {
      data: view,
      next: instead ?? nextOfDay(view, await runWaitedFor(context, view.tradingDay), context.account),
      lines: [
        `${view.account} ${view.tradingDay}: ${view.state}${view.outcome ? `, ${view.outcome}` : ''}`,
        `Waiting for ${view.waitingFor}`,
        ...view.rejected.map(({ message, why }) => `Refused: ${message}: ${why}`),
      ],
    };
  });
}
