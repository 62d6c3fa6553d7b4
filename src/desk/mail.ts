import type { Client, Connection } from '@temporalio/client';
import { OpsError, unreachableError } from '../domain/errors.js';
import { askDay, type Message, type Patience, type Post } from '../operations/day/ask-day.js';
import { explainTemporalError } from '../operations/temporal-failure.js';
import type { KeptMessage } from '../operations/day/kept-messages.js';
import { within } from '../operations/within.js';
import { ownWorkerLives, requireWorker, workerIsUp, type WorkersPlace } from '../operations/workers.js';
import type { DayKey } from '../contract/day-messages.js';
import { QUICK_RECONNECT, temporalConnectConfig } from '../runtime/temporal/connection.js';
import type { Settings } from '../runtime/settings.js';
import type { IsoDate } from '../domain/types.js';

/** A person waits for no longer than that to hear that Temporal is away. */
const ANSWERS_MS = 3_000;

/**
 * And for no longer than that until what was sent is answered, or kept: a worker that is up answers within a second or
 * two, and whatever it answers later is shown by the page that is led to.
 */
export const AT_THE_DESK: Patience = { answerMs: 8_000, keepMs: 3_000, lookMs: 1_000 };

/** How the desk reaches Temporal: one connection, made when it is first needed, that finds a server that is back. */
export interface Mail {
  /** Does something with it. @throws OpsError TEMPORAL_DOWN, and the program's own errors behind Temporal's */
  with<T>(work: (served: ServedPost) => Promise<T>): Promise<T>;
  /** Gives a day a message, as every door does. @throws OpsError TEMPORAL_DOWN, DAY_CROWDED */
  send<Reply>(message: Message): Promise<Sent<Reply>>;
  /** Whether anybody handles what is said to a day, and what waits there for somebody who does; never throws. */
  waiting(day: DayKey): Promise<Waiting>;
  /** Days of an account at which something may wait: those under way while nobody handles them; never throws. */
  daysWaiting(account: string): Promise<IsoDate[]>;
  /** Ids of the runs under way while nobody handles them; none where the server does not say. Never throws. */
  runsUnderWay(): Promise<string[]>;
  close(): Promise<void>;
}

/** What became of a message to a day: its answer, or that it is kept until a worker answers. */
export type Sent<Reply> = { kept: false; reply: Reply } | { kept: true };

/** What waits at a day until a worker answers. */
export interface Waiting {
  /** Whether a worker is up. */
  isServed: boolean;
  /** Newest first; null where nobody can tell, for Temporal is away too. */
  kept: KeptMessage[] | null;
}

/** Somebody handles whatever is said, and nothing waits. */
export const NOTHING_WAITS: Waiting = { isServed: true, kept: [] };

/** Whether somebody has to be told of it. */
export const nothingWaits = ({ isServed, kept }: Waiting): boolean => isServed && kept?.length === 0;
/** A page says without it what it can. */
const LOOK_MS = 700;

/** The same, where it can be told whether anybody would do what is started. */
export interface ServedPost extends Post {
  /** @throws OpsError WORKER_DOWN */
  assertServed(): Promise<void>;
}

/** A day, by a word. */
const wordOf = ({ account, tradingDay }: DayKey): string => `${tradingDay} ${account}`;

/** What waits at a day. @param mine what was said to it here and not answered in time */
async function lookFor(
  { client, workerIsUp: isUp }: Post,
  day: DayKey,
  mine: readonly KeptMessage[],
): Promise<Waiting> {
  const isServed = await isUp();
  if (isServed && mine.length === 0) return NOTHING_WAITS;
  const { isInHands, keptMessages } = await import('../operations/day/kept-messages.js');
  const kept = await keptMessages(client, day);
  const unwritten = mine.filter(({ commandId }) => kept.every((other) => other.commandId !== commandId));
  const isUnwritten = unwritten.length > 0 && (await isInHands(client, day));
  return { isServed, kept: isUnwritten ? [...unwritten, ...kept] : kept };
}

/** @param workers where those are looked for who answer */
export function openMail(settings: Settings, workers: WorkersPlace, patience: Patience = AT_THE_DESK): Mail {
  let opened: Promise<{ client: Client; connection: Connection; address: string }> | null = null;
  /** What was said to a day and no worker answered in time: it may wait although one is up. */
  const unanswered = new Map<string, KeptMessage[]>();
  /** Looks that nobody waits for any more: the connection is not closed under them. */
  const looks = new Set<Promise<unknown>>();
  /** What a page asks of the server in passing; null where it does not answer in time. */
  const look = <T>(work: (served: ServedPost) => Promise<T>): Promise<T | null> => {
    const asked = mail.with((served) =>
      served.client.connection.withDeadline(Date.now() + ANSWERS_MS, () => work(served)),
    );
    const done = asked.catch(() => null).finally(() => looks.delete(done));
    looks.add(done);
    return within(LOOK_MS, done);
  };
  const mail: Mail = {
    async waiting(day) {
      const mine = unanswered.get(wordOf(day)) ?? [];
      const lives = await ownWorkerLives(workers.dataDir);
      if (lives && mine.length === 0) return NOTHING_WAITS;
      const looked = await look((served) => lookFor(served, day, mine));
      if (looked?.kept?.length === 0 && unanswered.get(wordOf(day)) === mine) unanswered.delete(wordOf(day));
      // What is known to be kept is told also while Temporal is too slow to say so: nobody sends it twice.
      return looked ?? { isServed: lives, kept: mine.length > 0 ? mine : null };
    },
    async daysWaiting(account) {
      const mine = [...unanswered.keys()].flatMap((word) => {
        const [tradingDay = ''] = word.split(' ', 1);
        return word === wordOf({ account, tradingDay }) ? [tradingDay] : [];
      });
      if (await ownWorkerLives(workers.dataDir)) return mine;
      const others = await look(async ({ client, workerIsUp: isUp }) => {
        if (await isUp()) return [];
        const { daysUnderWay } = await import('../operations/day/kept-messages.js');
        return daysUnderWay(client, account);
      });
      return [...new Set([...mine, ...(others ?? [])])];
    },
    async runsUnderWay() {
      // Whoever is up takes a run within a second, and Temporal's client is 33 MB that the desk would keep.
      if (await ownWorkerLives(workers.dataDir)) return [];
      const asked = await look(async ({ client }) => {
        const { runsUnderWay } = await import('../operations/runs/not-begun.js');
        return runsUnderWay(client);
      });
      return asked ?? [];
    },
    async send<Reply>(message: Message): Promise<Sent<Reply>> {
      try {
        return { kept: false, reply: await mail.with((post) => askDay<Reply>(post, message, patience)) };
      } catch (error) {
        if (!(error instanceof OpsError && error.code === 'WORKER_DOWN')) throw error;
        const { keptOf } = await import('../operations/day/kept-messages.js');
        const word = wordOf(message.day);
        const kept = keptOf(message, new Date(Date.now()).toISOString());
        const others = (unanswered.get(word) ?? []).filter(({ commandId }) => commandId !== kept.commandId);
        unanswered.set(word, [kept, ...others]);
        return { kept: true };
      }
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
      await Promise.all(looks);
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
