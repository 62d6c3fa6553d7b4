import type { Client } from '@temporalio/client';
import type { Command } from 'commander';
import type { DayView } from '../../../domain/day/state.js';
import { resultOrThrow } from '../../../domain/errors.js';
import { showDay as lookAtDay } from '../../../operations/day/show.js';
import { withContext, type Context } from '../../kit/context.js';
import { withTemporal, workerIsUp } from '../../kit/temporal.js';
import { nextOfReconciled } from './next.js';

/** Shows where a day stands. */
export async function showDay(command: Command): Promise<void> {
  await withContext(command, async (context) => {
    const { tradingDay } = command.opts<{ tradingDay?: string }>();
    const look = {
      db: context.db,
      askServer: (ask: (client: Client) => Promise<DayView | null>) =>
        withTemporal(context.settings, async (client) => ((await workerIsUp(client, context)) ? ask(client) : null)),
    };
    const view = resultOrThrow(await lookAtDay(look, { account: context.account.account, tradingDay }));
    return {
      data: view,
      next: await nextStep(context, view),
      lines: [
        `${view.account} ${view.tradingDay}: ${view.state}${view.outcome ? `, ${view.outcome}` : ''}`,
        `Waiting for ${view.waitingFor}`,
        ...view.rejected.map(({ message, why }) => `Refused: ${message}: ${why}`),
      ],
    };
  });
}

async function nextStep(context: Context, view: DayView): Promise<string> {
  switch (view.state) {
    case 'open':
      return 'make reconcile-daily -- --snapshot-date YYYY-MM-DD --cash-gbp <cash> --position SYMBOL=UNITS';
    case 'reconciled':
      return nextOfReconciled(context, view.tradingDay);
    case 'ticketed':
      return view.ticket?.kind === 'TRADE' ? 'FILLS_JSON=/path/to/fills.json make confirm-fills' : 'make confirm';
    default:
      return 'trading-ops ledger-report';
  }
}
