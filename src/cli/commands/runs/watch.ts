import type { Command } from 'commander';
import type { WatchReply } from '../../../contract/runs.js';
import { askWatch } from '../../../operations/guard/ask-watch.js';
import { requireDatabase, withContext, type Context } from '../../kit/context.js';
import type { Answer } from '../../kit/output.js';
import { withProgress } from '../../kit/progress.js';
import { withTemporal, workersOf } from '../../kit/temporal.js';
import { requireWorker } from '../../../operations/workers.js';

/** Watches now, or at an instant of a simulated account, and says what every slot became that needs a human. */
export async function watchNow(flags: { account?: string }, command: Command): Promise<void> {
  await withContext(command, async (context) => {
    await requireDatabase(context);
    const { account, settings, at } = context;
    const { taskQueue } = settings;
    const reply = await withTemporal(settings, async (client) => {
      await requireWorker(client, workersOf(context));
      const look = { account, asked: flags.account !== undefined, at };
      return withProgress('Looking at every slot', () => askWatch({ client, taskQueue }, look));
    });
    return answerOf(context, reply);
  });
}

function answerOf({ account }: Context, reply: WatchReply): Answer {
  const found = [
    ...reply.missed.map((name) => `MISSED: ${name}`),
    ...reply.late.map((name) => `Late: ${name}`),
    ...reply.stopped.map((name) => `Stopped: ${name}`),
    ...reply.overdue.map((name) => `Past a deadline: ${name}`),
    ...reply.backups,
  ];
  return {
    data: reply,
    lines:
      found.length > 0 ? found : [`Every slot of ${reply.accounts.join(', ') || account.account} is accounted for.`],
    next: found.length > 0 ? 'trading-ops alerts-last' : 'trading-ops runs-last',
  };
}
