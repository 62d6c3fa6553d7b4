import type { Client } from '@temporalio/client';
import { setMaxListeners } from 'node:events';
import { unreachableError } from '../../domain/errors.js';
import type { TradingDayInput } from '../../contract/day-messages.js';
import { isTemporalError } from '../temporal-error.js';
import { askTradingDay, leaveForTradingDay } from './ask.js';

/** How long a door waits for an answer, milliseconds. */
export interface Patience {
  /** Until the message is left as a signal instead. */
  answerMs: number;
  /** For the server to take the signal. */
  keepMs: number;
  /** How often it is looked whether a worker is up still; null: never, for one that is started again answers too. */
  lookMs: number | null;
}

/** At a terminal, where something moves meanwhile, and a worker may be started beside it. */
const AT_A_TERMINAL: Patience = { answerMs: 60_000, keepMs: 10_000, lookMs: null };

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
 * Gives the day a message and waits for its outcome. While no worker is up, and where none answers in time, the message
 * is kept as a signal, which is handled when one does: once, for it has the same id.
 * @throws OpsError WORKER_DOWN when it was kept
 */
export async function askDay<Reply>(
  { client, taskQueue, workerIsUp }: Post,
  { day, name, id, command }: Message,
  { answerMs, keepMs, lookMs }: Patience = AT_A_TERMINAL,
): Promise<Reply> {
  if (!(await workerIsUp())) return keepAsSignal();
  const deadline = Date.now() + answerMs;
  const gone = new AbortController();
  // Every try of a call listens to it, and a day that is crowded is tried many times.
  setMaxListeners(0, gone.signal);
  const looking = lookMs === null ? null : setInterval(() => void look().catch(() => undefined), lookMs);
  try {
    return await client.connection.withAbortSignal(gone.signal, () =>
      askTradingDayUntil<Reply>(deadline, client, taskQueue, day, `${name}Update`, id, command),
    );
  } catch (error) {
    const isOver = gone.signal.aborted || Date.now() >= deadline;
    // What the day refused is its answer, however late it comes.
    if (!isOver || isTemporalError(error, 'WorkflowUpdateFailedError')) throw error;
    return keepAsSignal();
  } finally {
    if (looking !== null) clearInterval(looking);
  }

  /** Nobody waits for a worker that ended in the middle. */
  async function look(): Promise<void> {
    if (!(await workerIsUp())) gone.abort();
  }

  async function keepAsSignal(): Promise<never> {
    await client.connection.withDeadline(Date.now() + keepMs, () =>
      leaveForTradingDay(client, taskQueue, day, name, command),
    );
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
