import type { Client, Connection } from '@temporalio/client';
import { OpsError, unreachableError } from '../domain/errors.js';
import { askDay, type Message, type Post } from '../operations/day/ask-day.js';
import { explainTemporalError } from '../operations/temporal-failure.js';
import type { KeptMessage } from '../operations/day/kept-messages.js';
import { within } from '../operations/within.js';
import { ownWorkerLives, requireWorker, workerIsUp, type WorkersPlace } from '../operations/workers.js';
import type { DayKey } from '../contract/day-messages.js';
import { QUICK_RECONNECT, temporalConnectConfig } from '../runtime/temporal/connection.js';
import type { Settings } from '../runtime/settings.js';

/** A person waits for no longer than that to hear that Temporal is away. */
const ANSWERS_MS = 3_000;

/** How the desk reaches Temporal: one connection, made when it is first needed, that finds a server that is back. */
export interface Mail {
  /** Does something with it. @throws OpsError TEMPORAL_DOWN, and the program's own errors behind Temporal's */
  with<T>(work: (served: ServedPost) => Promise<T>): Promise<T>;
  /** Whether anybody handles what is said to a day, and what waits there for somebody who does; never throws. */
  waiting(day: DayKey): Promise<Waiting>;
  close(): Promise<void>;
}

/** What waits at a day until a worker is back. */
export interface Waiting {
  isServed: boolean;
  /** Newest first; null where nobody can tell, for Temporal is away too. */
  kept: KeptMessage[] | null;
}

/** Somebody handles whatever is said. */
export const NOTHING_WAITS: Waiting = { isServed: true, kept: [] };
/** A page says without it what it can. */
const LOOK_MS = 700;

/** The same, where it can be told whether anybody would do what is started. */
export interface ServedPost extends Post {
  /** @throws OpsError WORKER_DOWN */
  assertServed(): Promise<void>;
}

/** @param workers where those are looked for who answer */
export function openMail(settings: Settings, workers: WorkersPlace): Mail {
  let opened: Promise<{ client: Client; connection: Connection; address: string }> | null = null;
  const mail: Mail = {
    async waiting(day) {
      if (await ownWorkerLives(workers.dataDir)) return NOTHING_WAITS;
      const look = mail.with(async ({ client, workerIsUp: isUp }) => {
        if (await isUp()) return NOTHING_WAITS;
        const { keptMessages } = await import('../operations/day/kept-messages.js');
        return { isServed: false, kept: await keptMessages(client, day) };
      });
      const looked = await within(LOOK_MS, look).catch(() => null);
      return looked ?? { isServed: false, kept: null };
    },
    async with(work) {
      const { client, connection, address } = await (opened ??= connectionOf(settings));
      try {
        await connection.withDeadline(Date.now() + ANSWERS_MS, () => connection.workflowService.getSystemInfo({}));
      } catch (cause) {
        throw unreachableError('TEMPORAL_DOWN', `Temporal at ${address} does not answer`, { cause, remedy: 'make up' });
      }
      try {
        return await work({
          client,
          taskQueue: settings.taskQueue,
          workerIsUp: () => workerIsUp(client, workers),
          assertServed: () => requireWorker(client, workers),
        });
      } catch (error) {
        throw explainTemporalError(error, address);
      }
    },
    async close() {
      await (await opened)?.connection.close();
    },
  };
  return mail;
}

/** Lazily: nothing is asked of the server yet, so that one that is away now is found when it is back. */
async function connectionOf(settings: Settings) {
  const [temporal, { namespace, connectionOptions }] = await Promise.all([
    import('@temporalio/client'),
    temporalConnectConfig(settings),
  ]);
  const connection = temporal.Connection.lazy({ ...connectionOptions, channelArgs: QUICK_RECONNECT });
  const address = String(connectionOptions.address);
  return { client: new temporal.Client({ connection, namespace }), connection, address };
}

/** What became of a message to a day: its answer, or that it is kept until a worker returns. */
export type Sent<Reply> = { kept: false; reply: Reply } | { kept: true };

/** Gives a day a message, as every door does. @throws OpsError TEMPORAL_DOWN, DAY_CROWDED */
export async function sendToDay<Reply>(mail: Mail, message: Message): Promise<Sent<Reply>> {
  try {
    return { kept: false, reply: await mail.with((post) => askDay<Reply>(post, message)) };
  } catch (error) {
    if (error instanceof OpsError && error.code === 'WORKER_DOWN') return { kept: true };
    throw error;
  }
}
