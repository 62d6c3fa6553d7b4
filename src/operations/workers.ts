import type { Client } from '@temporalio/client';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { unreachableError } from '../domain/errors.js';
import { readRegular } from '../files/regular.js';

/** Where the workers of an installation are looked for. */
export interface WorkersPlace {
  dataDir: string;
  taskQueue: string;
  /** Whether its services are this machine's own, so that no worker is elsewhere. */
  isLocal: boolean;
}

/** How long ago a live worker may have polled last, in milliseconds: a poll waits for up to a minute. */
const POLL_MS = 75_000;

/** Whether a worker is up: this machine's own says so by its pid, others by having asked the task queue for work. */
export async function workerIsUp(client: Client, { dataDir, taskQueue, isLocal }: WorkersPlace): Promise<boolean> {
  const own = await ownWorkerLives(dataDir);
  if (own || isLocal) return own;
  const { pollers } = await client.workflowService.describeTaskQueue({
    namespace: client.options.namespace,
    taskQueue: { name: taskQueue },
    taskQueueType: 1,
  });
  return (pollers ?? []).some(
    ({ lastAccessTime }) => Date.now() - Number(lastAccessTime?.seconds ?? 0) * 1_000 < POLL_MS,
  );
}

/** Refuses when no worker is up: a run would start and hang. */
export async function requireWorker(client: Client, place: WorkersPlace): Promise<void> {
  if (await workerIsUp(client, place)) return;
  throw unreachableError('WORKER_DOWN', `no worker serves the task queue ${place.taskQueue}`, { remedy: 'make up' });
}

/** Whether a worker of this data directory lives: each leaves a file with its pid while it is ready. */
export async function ownWorkerLives(dataDir: string): Promise<boolean> {
  const run = path.join(dataDir, 'run');
  const files = (await readdir(run).catch(() => [])).filter((name) => /^worker.*\.ready$/.test(name));
  const pids = await Promise.all(files.map((name) => readRegular(path.join(run, name)).catch(() => '')));
  return pids.some((pid) => isRunning(Number.parseInt(pid, 10)));
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
