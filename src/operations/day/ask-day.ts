import type { Client } from '@temporalio/client';
import { unreachableError } from '../../domain/errors.js';
import type { TradingDayInput } from '../../contract/day-messages.js';
import { isTemporalError } from '../temporal-error.js';
import { askTradingDay, leaveForTradingDay } from './ask.js';

/** How long somebody waits for the answer before the message is left as a signal instead. */
const ANSWER_MS = 60_000;

/** How a door reaches the days. */
export interface Post {
  client: Client;
  taskQueue: string;
  /** Whether anybody would answer. */
  workerIsUp(): Promise<boolean>;
}

/** What is said to a day. */
export interface Message {
  day: TradingDayInput;
  /** Signal name; its update twin is called `<name>Update`. */
  name: 'reconcile' | 'confirm';
  /** The same id is the same message. */
  id: string;
  command: unknown;
}

/**
 * Gives the day a message and waits for its outcome. While no worker is up the message is kept as a signal, which is
 * handled when one returns.
 * @throws OpsError WORKER_DOWN when it was kept
 */
export async function askDay<Reply>(
  { client, taskQueue, workerIsUp }: Post,
  { day, name, id, command }: Message,
): Promise<Reply> {
  if (!(await workerIsUp())) return keepAsSignal();
  const deadline = Date.now() + ANSWER_MS;
  try {
    return await askTradingDayUntil<Reply>(deadline, client, taskQueue, day, `${name}Update`, id, command);
  } catch (error) {
    if (Date.now() < deadline) throw error;
    return keepAsSignal();
  }

  async function keepAsSignal(): Promise<never> {
    await leaveForTradingDay(client, taskQueue, day, name, command);
    throw unreachableError(
      'WORKER_DOWN',
      `no worker answers; the ${name} message is kept and will be handled when one returns`,
      {
        remedy: 'make up; then: trading-ops day',
      },
    );
  }
}

/**
 * Asks as `askTradingDay` does, and asks again with the same id when the server gave up waiting before the deadline,
 * as a busy one does: that says nothing about the message.
 * @param deadline milliseconds since the epoch
 * @throws WorkflowUpdateRPCTimeoutOrCancelledError when there is no outcome by then
 */
export async function askTradingDayUntil<Reply>(
  deadline: number,
  ...asked: Parameters<typeof askTradingDay>
): Promise<Reply> {
  const [client] = asked;
  for (;;) {
    try {
      return await client.connection.withDeadline(deadline, () => askTradingDay<Reply>(...asked));
    } catch (error) {
      if (Date.now() >= deadline || !serverGaveUp(error)) throw error;
    }
  }
}

/** gRPC's code for a call that nobody answered in time. */
const DEADLINE_EXCEEDED = 4;

const serverGaveUp = (error: unknown): boolean =>
  isTemporalError(error, 'WorkflowUpdateRPCTimeoutOrCancelledError') &&
  (error.cause as { code?: unknown } | undefined)?.code === DEADLINE_EXCEEDED;
