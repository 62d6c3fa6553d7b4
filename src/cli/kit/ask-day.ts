import type { Client } from '@temporalio/client';
import { askTradingDay, leaveForTradingDay, tradingDayInput } from '../../operations/day/ask.js';
import { unreachableError } from '../../domain/errors.js';
import type { IsoDate } from '../../domain/types.js';
import { requireDatabase, type Context } from './context.js';
import { withProgress } from './progress.js';
import { withTemporal, workerIsUp } from './temporal.js';

/** How long an operator waits for the answer before the message is left as a signal instead. */
const ANSWER_MS = 60_000;

export interface Message {
  tradingDay: IsoDate;
  /** Signal name; its update twin is called `<name>Update`. */
  name: 'reconcile' | 'confirm';
  /** The same id is the same message. */
  id: string;
  command: unknown;
  doing: string;
}

/**
 * Gives the day a message and waits for its outcome. While no worker is up the message is kept as a signal, handled
 * when one returns, and the command ends with exit 69.
 */
export async function askDay<Reply>(context: Context, message: Message): Promise<Reply> {
  const input = tradingDayInput(context.account, message.tradingDay, context.policy, context.at);
  const { taskQueue } = context.settings;
  await requireDatabase(context);
  return withTemporal(context.settings, async (client) => {
    if (!(await workerIsUp(client, context))) return keepAsSignal(client);
    const deadline = Date.now() + ANSWER_MS;
    try {
      return await withProgress(message.doing, () => client.connection.withDeadline(deadline, () =>
        askTradingDay<Reply>(client, taskQueue, input, `${message.name}Update`, message.id, message.command)));
    } catch (error) {
      if (Date.now() < deadline) throw error;
      return keepAsSignal(client);
    }
  });

  async function keepAsSignal(client: Client): Promise<never> {
    await leaveForTradingDay(client, taskQueue, input, message.name, message.command);
    throw unreachableError('WORKER_DOWN', `no worker answers; the ${message.name} message is kept and will be handled when one returns`, {
      remedy: 'make up; then: trading-ops day',
    });
  }
}
