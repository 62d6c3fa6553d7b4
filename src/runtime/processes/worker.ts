import type { Progress } from '../parts.js';
import { type InstallationPaths, workerEntry } from '../paths.js';
import { isPartReady, type NodePart, partProcess, startPart, stopPart } from './node-part.js';
import type { ProcessIdentity } from './processes.js';
import type { Settings } from '../settings.js';

/**
 * Node's arguments for a worker. Left alone, Node lets garbage pile up to 430 MB in 200 days of work that needs half of
 * that (bench/days.ts); the limits make it collect sooner, and by the thread that made the garbage: a young generation of
 * 2 MB, or four helpers on two cores, cost more time than they save. It begins with about the heap that it has once it is loaded:
 * grown to that by steps, all of it was marked again at each, a sixth of what a start takes. The data directory tells one
 * installation's worker from another's.
 */
export const workerArguments = (dataDir: string): string[] => [
  '--enable-source-maps',
  '--min-semi-space-size=16',
  '--max-semi-space-size=16',
  '--single-threaded-gc',
  '--initial-old-space-size=96',
  '--max-old-space-size=224',
  workerEntry,
  dataDir,
];

/**
 * glibc otherwise keeps an arena of freed memory for each of the worker's many threads; and Node's four threads for files
 * would wait for the disk in turns, when a morning's two dozen payloads can be synced at once.
 */
export const WORKER_ENVIRONMENT = { MALLOC_ARENA_MAX: '2', UV_THREADPOOL_SIZE: '16' };

const WORKER: NodePart = {
  name: 'worker',
  entry: workerEntry,
  args: workerArguments,
  environment: WORKER_ENVIRONMENT,
  // More than the worker's own: it lets running activities finish first (30 s), then ends them.
  stopGraceMs: 45_000,
  failure: 'WORKER_DID_NOT_START',
};

/**
 * Starts the installation's worker and waits until it says that it is ready. Quiet when it already runs.
 * Throws a fault with the end of its log when it dies or is not ready within a minute.
 */
export const startWorker = (paths: InstallationPaths, settings: Settings, progress: Progress): Promise<void> =>
  startPart(WORKER, paths, settings, progress);

/** Stops the worker; quiet when it does not run. Returns the pid that was stopped, or null. */
export const stopWorker = (paths: InstallationPaths): Promise<number | null> => stopPart(WORKER, paths);

/** The worker's process: by our pid file, else the one started for this data directory. */
export const workerProcess = (paths: InstallationPaths): ProcessIdentity | null => partProcess(WORKER, paths);

/** True when the worker has written its pid into the ready file. */
export const isReady = (paths: InstallationPaths, worker: ProcessIdentity): boolean =>
  isPartReady(WORKER, paths, worker);
