import { Client, Connection, WorkflowFailedError, WorkflowUpdateFailedError } from '@temporalio/client';
import { ActivityFailure, ApplicationFailure } from '@temporalio/common';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { DAY_CROWDED } from '../../contract/day-messages.js';
import { OpsError, unreachableError, type ErrorKind } from '../../domain/errors.js';
import { temporalConnectConfig } from '../../runtime/temporal/connection.js';
import type { Settings } from '../../runtime/settings.js';
import type { Context } from './context.js';
import { fullDisk } from './disk.js';
import { whileItAnswers, type Pulse } from './pulse.js';

const CONNECT_MS = 5_000;

/** A client of the installation's Temporal server; says so plainly when it does not answer. */
export async function withTemporal<T>(settings: Settings, action: (client: Client) => Promise<T>): Promise<T> {
  const { namespace, connectionOptions } = await temporalConnectConfig(settings);
  let connection: Connection;
  try {
    connection = await Connection.connect({ ...connectionOptions, connectTimeout: CONNECT_MS });
  } catch (cause) {
    throw unreachableError('TEMPORAL_DOWN', `Temporal at ${connectionOptions.address} does not answer`, {
      cause,
      remedy: 'make up',
    });
  }
  try {
    return await whileItAnswers(pulseOf(connection, settings), action(new Client({ connection, namespace })));
  } catch (error) {
    const explained = explainTemporalError(error, connectionOptions.address ?? '');
    throw explained instanceof OpsError && explained.code !== 'TEMPORAL_DOWN'
      ? explained
      : (fullDisk(settings) ?? explained);
  } finally {
    await connection.close();
  }
}

/**
 * Asks Temporal, while a command waits for it, whether it still answers. On a full disk it says that it lives, and
 * stores nothing: whoever still waits then waits for good.
 */
function pulseOf(connection: Connection, settings: Settings): Pulse {
  let asked = 0;
  return {
    async ask(ms) {
      await connection.withDeadline(Date.now() + ms, () => connection.workflowService.getSystemInfo({}));
      asked += 1;
      const full = asked > 1 && fullDisk(settings);
      if (full) throw full;
    },
    lost: () => fullDisk(settings) ?? stoppedAnswering(String(connection.options.address)),
  };
}

/** The program's own error behind a failed workflow or update, with its code, exit code and remedy. */
export function explainTemporalError(error: unknown, address: string): unknown {
  if (error instanceof OpsError) return error;
  let cause: unknown = error;
  while (
    cause instanceof WorkflowFailedError ||
    cause instanceof WorkflowUpdateFailedError ||
    cause instanceof ActivityFailure
  )
    cause = cause.cause;
  if (cause instanceof ApplicationFailure) {
    const [details] = (cause.details ?? []) as { kind?: ErrorKind; remedy?: string | null }[];
    return new OpsError(
      details?.kind ?? 'refused',
      cause.type ?? 'FAULT',
      cause.message,
      details?.remedy ? { remedy: details.remedy } : {},
    );
  }
  if (isUnavailable(error)) return stoppedAnswering(address, error);
  if (isCrowded(error)) {
    const { kind, code, message, remedy } = DAY_CROWDED;
    return new OpsError(kind, code, message, { cause: error, ...(remedy !== null && { remedy }) });
  }
  return error;
}

const stoppedAnswering = (address: string, cause?: unknown): OpsError =>
  unreachableError('TEMPORAL_DOWN', `Temporal at ${address} stopped answering`, { cause, remedy: 'make up' });

const isUnavailable = (error: unknown): boolean =>
  /UNAVAILABLE|DEADLINE_EXCEEDED|ECONNREFUSED|Channel has been shut down/.test(textOf(error));

/** What the server says of ten updates that wait, of two thousand, and of ten thousand signals. */
const isCrowded = (error: unknown): boolean =>
  /limit for signal events|in-flight updates|number of distinct updates/.test(textOf(error));

const textOf = (error: unknown): string =>
  `${(error as Error | undefined)?.message} ${((error as Error | undefined)?.cause as Error | undefined)?.message}`;

/** How long ago a live worker may have polled last, in milliseconds: a poll waits for up to a minute. */
const POLL_MS = 75_000;

/** Whether a worker is up: this machine's own says so by its pid, others by having asked the task queue for work. */
export async function workerIsUp(
  client: Client,
  { settings, addresses }: Pick<Context, 'settings' | 'addresses'>,
): Promise<boolean> {
  const own = await ownWorkerLives(settings.dataDir);
  if (own || addresses.local) return own;
  const { pollers } = await client.workflowService.describeTaskQueue({
    namespace: client.options.namespace,
    taskQueue: { name: settings.taskQueue },
    taskQueueType: 1,
  });
  return (pollers ?? []).some(
    ({ lastAccessTime }) => Date.now() - Number(lastAccessTime?.seconds ?? 0) * 1_000 < POLL_MS,
  );
}

/** Refuses when no worker is up: a run would start and hang. */
export async function requireWorker(client: Client, context: Pick<Context, 'settings' | 'addresses'>): Promise<void> {
  if (await workerIsUp(client, context)) return;
  throw unreachableError('WORKER_DOWN', `no worker serves the task queue ${context.settings.taskQueue}`, {
    remedy: 'make up',
  });
}

/** Whether a worker of this data directory lives: each leaves a file with its pid while it is ready. */
async function ownWorkerLives(dataDir: string): Promise<boolean> {
  const run = path.join(dataDir, 'run');
  const files = (await readdir(run).catch(() => [])).filter((name) => /^worker.*\.ready$/.test(name));
  const pids = await Promise.all(files.map((name) => readFile(path.join(run, name), 'utf8').catch(() => '')));
  return pids.some((pid) => isRunning(Number.parseInt(pid, 10)));
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
