import type { Command } from 'commander';
import { resultOrThrow } from '../../../domain/errors.js';
import { backfillSchedules } from '../../../operations/schedules/backfill.js';
import type { ServedInstallation } from '../../../operations/schedules/registered.js';
import { resultOfStarted } from '../../../operations/schedules/started.js';
import { triggerSchedule } from '../../../operations/schedules/trigger.js';
import { withProgress } from '../../kit/progress.js';
import { workersOf } from '../../kit/temporal.js';
import { requireWorker } from '../../../operations/workers.js';
import { withDatabase, withSchedules, type SchedulesContext } from './context.js';

/** Starts one schedule's work now; of a run it waits for the outcome. */
export async function trigger(name: string, command: Command): Promise<void> {
  await withSchedules(command, async (context) => {
    const installation = served(context);
    const { started, isRun } = resultOrThrow(
      await triggerSchedule(installation, { account: context.asked, schedule: name }),
    );
    if (!isRun)
      return { data: started, lines: [`${started.workflowId} has started.`], next: 'trading-ops schedules show' };
    const reply = await withProgress(`Waiting for ${started.workflowId}`, () => resultOfStarted(installation, started));
    return { data: reply, lines: [`${started.workflowId}: ${reply.outcome}`, reply.summary], next: 'make runs-last' };
  });
}

/** Makes up for the runs of past days in their order, each when the one before has ended. */
export async function backfill(
  { from, to = from, slot = null }: { from: string; to?: string; slot?: string | null },
  command: Command,
): Promise<void> {
  await withSchedules(command, async (context) => {
    const runs = resultOrThrow(
      await withDatabase(context, () =>
        backfillSchedules(served(context), { account: context.asked, from, to, slot }, (run, work) =>
          withProgress(`Making up for ${run.slot} of ${run.at}`, work),
        ),
      ),
    );
    return {
      data: runs,
      lines:
        runs.length > 0
          ? runs.map(({ slot: of, tradingDay, outcome, summary }) => `${tradingDay} ${of}: ${outcome}: ${summary}`)
          : ['No run is due from Monday to Friday in these days.'],
      next: 'make runs-last',
    };
  });
}

const served = (context: SchedulesContext): ServedInstallation => ({
  ...context.installation,
  assertServed: () => requireWorker(context.client, workersOf(context)),
});
