import { existsSync, readFileSync } from 'node:fs';
import { faultError } from '../../domain/errors.js';
import { touch } from '../directories.js';
import { type Progress, tail } from '../parts.js';
import { type InstallationPaths, repositoryRoot, workerEntry } from '../paths.js';
import * as processes from './processes.js';
import type { Settings } from '../settings.js';

const PART = 'worker';
const READY_MAX_MS = 60_000;
/** More than the worker's own: it lets running activities finish first (30 s), then ends them. */
const STOP_GRACE_MS = 45_000;

/**
 * Starts the installation's worker and waits until it says that it is ready. Quiet when it already runs.
 * Throws a fault with the end of its log when it dies or is not ready within a minute.
 */
export async function startWorker(paths: InstallationPaths, settings: Settings, progress: Progress): Promise<void> {
  const running = workerProcess(paths);
  if (running && isReady(paths, running)) return;
  if (running) return waitForReady(paths, running);
  if (!existsSync(workerEntry)) {
    progress(`The worker is not built (${workerEntry} is missing): left out. Type \`make build\`, then \`make up\``);
    return;
  }
  progress('Starting the worker');
  processes.removeFile(paths.workerReady);
  touch(paths.log(PART));
  const started = await processes.startDetached({
    file: process.execPath,
    args: workerArguments(paths.dataDir),
    env: workerEnvironment(settings),
    cwd: repositoryRoot,
    logFile: paths.log(PART),
  });
  await processes.writePidFile(paths.pid(PART), started);
  await waitForReady(paths, started);
}

/**
 * Node's arguments for a worker. Left alone, Node lets garbage pile up to 430 MB in 200 days of work that needs half of
 * that (bench/days.ts); the limits make it collect sooner, and by the thread that made the garbage: a young generation of
 * 2 MB, or four helpers on two cores, cost more time than they save. The data directory tells one installation's worker from
 * another's.
 */
export const workerArguments = (dataDir: string): string[] => [
  '--enable-source-maps',
  '--max-semi-space-size=16',
  '--single-threaded-gc',
  '--max-old-space-size=224',
  workerEntry,
  dataDir,
];

/**
 * glibc otherwise keeps an arena of freed memory for each of the worker's many threads; and Node's four threads for files
 * would wait for the disk in turns, when a morning's two dozen payloads can be synced at once.
 */
export const WORKER_ENVIRONMENT = { MALLOC_ARENA_MAX: '2', UV_THREADPOOL_SIZE: '16' };

/** Stops the worker; quiet when it does not run. Returns the pid that was stopped, or null. */
export async function stopWorker(paths: InstallationPaths): Promise<number | null> {
  const running = workerProcess(paths);
  if (running) await processes.stopProcess(running, ['SIGTERM'], STOP_GRACE_MS);
  processes.removeFile(paths.pid(PART));
  processes.removeFile(paths.workerReady);
  return running?.pid ?? null;
}

/** The worker's process: by our pid file, else the one started for this data directory. */
export function workerProcess(paths: InstallationPaths): processes.ProcessIdentity | null {
  return processes.readPidFile(paths.pid(PART)) ?? processes.findByCommandLine(workerEntry, paths.dataDir)[0] ?? null;
}

/** True when the worker has written its pid into the ready file. */
export function isReady(paths: InstallationPaths, worker: processes.ProcessIdentity): boolean {
  try {
    return Number.parseInt(readFileSync(paths.workerReady, 'utf8'), 10) === worker.pid;
  } catch {
    return false;
  }
}

function workerEnvironment(settings: Settings): NodeJS.ProcessEnv {
  return {
    ...WORKER_ENVIRONMENT,
    ...process.env,
    TRADING_OPS_DATA: settings.dataDir,
    TRADING_OPS_CONFIG: settings.configDir,
    TRADING_OPS_TASK_QUEUE: settings.taskQueue,
  };
}

async function waitForReady(paths: InstallationPaths, worker: processes.ProcessIdentity): Promise<void> {
  await processes.waitUntil(() => isReady(paths, worker) || !processes.isAlive(worker), READY_MAX_MS);
  const alive = processes.isAlive(worker);
  if (alive && isReady(paths, worker)) return;
  const what = alive ? `was not ready within ${READY_MAX_MS / 1000} s` : 'ended while it started';
  throw faultError(
    'WORKER_DID_NOT_START',
    `The worker ${what}. The end of ${paths.log(PART)}:\n${withoutFrames(tail(paths.log(PART), 30))}`,
    {
      remedy: 'Remove the cause named there and type `make up` again.',
    },
  );
}

/** The log has the stack; a person needs what was said. */
function withoutFrames(text: string): string {
  return text
    .split('\n')
    .filter((line) => !/^\s+at /.test(line))
    .join('\n');
}
