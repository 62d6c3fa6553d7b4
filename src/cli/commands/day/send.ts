import { askDay, type Message } from '../../../operations/day/ask-day.js';
import { requireDatabase, type Context } from '../../kit/context.js';
import { withProgress } from '../../kit/progress.js';
import { withTemporal, workersOf } from '../../kit/temporal.js';
import { workerIsUp } from '../../../operations/workers.js';

/** Gives the day a message and waits for its outcome, with something to see meanwhile. */
export async function send<Reply>(context: Context, message: Message, doing: string): Promise<Reply> {
  await requireDatabase(context);
  const { settings } = context;
  return withTemporal(settings, (client) =>
    withProgress(doing, () =>
      askDay<Reply>(
        { client, taskQueue: settings.taskQueue, workerIsUp: () => workerIsUp(client, workersOf(context)) },
        message,
      ),
    ),
  );
}
