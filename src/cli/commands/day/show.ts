import type { Client } from '@temporalio/client';
import type { Command } from 'commander';
import type { DayView } from '../../../domain/day/state.js';
import { isSession, tradingDayOf } from '../../../domain/calendar/calendar.js';
import { resultOrThrow } from '../../../domain/errors.js';
import { showDay as lookAtDay } from '../../../operations/day/show.js';
import { nextOfClosed, nextOfDay } from '../../../reports/catalogue/next.js';
import { withContext, type Context } from '../../kit/context.js';
import { withTemporal, workerIsUp } from '../../kit/temporal.js';
import { runWaitedFor } from './next.js';

/** A day is closed, and today none can be opened. */
const isOverToday = ({ at, policy }: Context, { state }: DayView): boolean =>
  state === 'closed' && !isSession(tradingDayOf(at), policy.calendar);

/** Shows where a day stands. */
export async function showDay(command: Command): Promise<void> {
  await withContext(command, async (context) => {
    const { tradingDay } = command.opts<{ tradingDay?: string }>();
    const look = {
      db: context.db,
      askServer: (ask: (client: Client) => Promise<DayView | null>) =>
        withTemporal(context.settings, async (client) => ((await workerIsUp(client, context)) ? ask(client) : null)),
    };
    const view = resultOrThrow(
      await lookAtDay(look, {
        account: context.account.account,
        tradingDay,
        today: { tradingDay: tradingDayOf(context.at), calendar: context.policy.calendar },
      }),
    );
    return {
      data: view,
      next: isOverToday(context, view)
        ? nextOfClosed(tradingDayOf(context.at), context.policy.calendar)
        : nextOfDay(view, await runWaitedFor(context, view.tradingDay)),
      lines: [
        `${view.account} ${view.tradingDay}: ${view.state}${view.outcome ? `, ${view.outcome}` : ''}`,
        `Waiting for ${view.waitingFor}`,
        ...view.rejected.map(({ message, why }) => `Refused: ${message}: ${why}`),
      ],
    };
  });
}
