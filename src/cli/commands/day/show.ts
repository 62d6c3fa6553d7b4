import type { Client } from '@temporalio/client';
import type { Command } from 'commander';
import type { DayView } from '../../../domain/day/state.js';
import { resultOrThrow } from '../../../domain/errors.js';
import { unprovedAnswers } from '../../../operations/day/unproved-answers.js';
import { nextStep } from '../../../operations/day/next-step.js';
import { bookedSinceText } from '../../../reports/reconciliation/outdated.js';
import { installationOf } from '../../kit/asker.js';
import { withContext } from '../../kit/context.js';
import { EXIT } from '../../kit/exit.js';
import { withTemporal, workersOf } from '../../kit/temporal.js';
import { differsLines, olderLines, unconfirmedLines } from '../tickets/screen-lines.js';
import { workerIsUp } from '../../../operations/workers.js';

/** Shows where a day stands. */
export async function showDay(command: Command): Promise<void> {
  await withContext(command, async (context) => {
    const { tradingDay } = command.opts<{ tradingDay?: string }>();
    const look = {
      ...installationOf(context),
      askServer: (ask: (client: Client) => Promise<DayView | null>) =>
        withTemporal(context.settings, async (client) =>
          (await workerIsUp(client, workersOf(context))) ? ask(client) : null,
        ),
    };
    const { account, at, policy } = context;
    const { view, groundless, bookedSince, older, next } = resultOrThrow(
      await nextStep(look, { account, tradingDay, at, policy }),
    );
    const { confirmation, ticket } = view;
    const answered = confirmation && ticket ? [ticket.ticketId] : [];
    const [unconfirmed] = (await unprovedAnswers(installationOf(context), answered, policy)).values();
    return {
      ...(groundless !== null && { exitCode: EXIT.refused }),
      data: {
        ...view,
        ...(groundless !== null && { groundless }),
        ...(bookedSince !== null && { bookedSince }),
        ...(unconfirmed && { unconfirmed }),
        ...(older !== null && { older }),
      },
      next,
      lines: [
        ...differsLines(groundless),
        ...olderLines(older),
        ...unconfirmedLines(unconfirmed),
        `${view.account} ${view.tradingDay}: ${view.state}${view.outcome ? `, ${view.outcome}` : ''}`,
        `Waiting for ${bookedSince === null ? view.waitingFor : reconciledAgain(bookedSince)}`,
        ...view.rejected.map(({ message, why }) => `Refused: ${message}: ${why}`),
      ],
    };
  });
}

const reconciledAgain = (entry: number): string => `a reconciliation again: ${bookedSinceText(entry)}`;
