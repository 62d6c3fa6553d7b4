import { existsSync } from 'node:fs';
import { faultError, refusal, unreachableError } from '../../domain/errors.js';
import { externalParts } from '../addresses.js';
import { withLock } from '../processes/lock.js';
import { type Progress, reason } from '../parts.js';
import { installationPaths, type InstallationPaths } from '../paths.js';
import { pickPort } from '../processes/ports.js';
import { postgresProcess, startPostgres, stopPostgres } from './server.js';
import { readRecord, type RuntimeRecord } from '../record.js';
import {
  clearRestoreState,
  moveDataAside,
  putDataBack,
  readRestoreState,
  recoverRestore,
  type RestoreState,
  writeRestoreState,
} from './restore-state.js';
import type { Settings } from '../settings.js';
import { startWorker, stopWorker, workerProcess } from '../processes/worker.js';

/**
 * What a restore on a fresh cluster is made of; the runtime gives it servers, and puts everything back where it fails.
 */
export interface FreshRestore<Verdict extends { passed: boolean }> {
  /** Ends the restore from outside (Ctrl-C): everything is put back. */
  signal: AbortSignal;
  /** Asked once the worker is stopped: throws when something is under way after all. */
  assertQuiet(): Promise<void>;
  /**
   * Chooses the backup, with the prior database, which nobody else can reach any more; null when it does not start.
   * Throws to leave everything as it was. @returns the name of the dump
   */
  prior(record: RuntimeRecord | null): Promise<string>;
  /** Restores into the empty cluster and compares. */
  restore(record: RuntimeRecord, priorData: string): Promise<Verdict>;
  /**
   * The last steps once the restored database is the installation's; repeated by the next `up` when they were cut
   * short.
   */
  finish(state: RestoreState): Promise<void>;
}

interface Scene {
  paths: InstallationPaths;
  settings: Settings;
  record: RuntimeRecord;
  /** The same with a port that nobody knows: no worker, command or schedule meets a database that is half there. */
  hidden: RuntimeRecord;
  state: RestoreState;
  progress: Progress;
}

/**
 * Replaces the installation's Postgres data by a backup restored into an empty cluster, and keeps the prior data
 * directory aside; or leaves everything as it was, when the verdict is no, when anything throws, and after a kill at
 * whatever point (then the next `up` puts it back). Nobody but the callbacks reaches either database on the way.
 */
export async function restoreOnFreshCluster<V extends { passed: boolean }>(
  settings: Settings,
  progress: Progress,
  work: FreshRestore<V>,
): Promise<V> {
  assertOwnCluster(settings);
  const paths = installationPaths(settings.dataDir);
  if (!existsSync(paths.run)) throw neverStarted(settings);
  const waiting = (pid: number) => progress(`Process ${pid} is starting or stopping this installation: waiting for it`);
  return withLock(paths.lock, waiting, async () => {
    const scene = await prepare(paths, settings, progress, work);
    const verdict = await prove(scene, work).catch(async (error: unknown) => {
      await undo(scene, reason(error));
      throw error;
    });
    if (verdict.passed) await complete(scene, work);
    else await undo(scene, 'what was restored is not what was backed up');
    return verdict;
  });
}

/** Refuses where Postgres is not this installation's to stop. */
export function assertOwnCluster(settings: Settings): void {
  const contained = settings.runtime === 'compose';
  if (!contained && !externalParts(settings).postgres) return;
  const where = contained
    ? 'Postgres runs in a container'
    : "DATABASE_URL names a Postgres that is not this installation's";
  throw refusal('POSTGRES_IS_EXTERNAL', `${where}: its data directory cannot be moved aside from here`, {
    remedy: 'make restore-test, which restores into a scratch database of that server',
  });
}

async function prepare<V extends { passed: boolean }>(
  paths: InstallationPaths,
  settings: Settings,
  progress: Progress,
  work: FreshRestore<V>,
): Promise<Scene> {
  // One that was killed has stopped what ran before it.
  const killed = readRestoreState(paths)?.ran;
  const unfinished = await recoverRestore(paths, progress);
  const record = readRecord(settings.dataDir);
  if (!record) throw neverStarted(settings);
  if (unfinished) throw earlierUnfinished(unfinished);
  const hidden = {
    ...record,
    postgres: { ...record.postgres, port: await pickPort(record.postgres.port, [record.postgres.port]) },
  };
  const ran = {
    postgres: postgresProcess(paths) !== null || killed?.postgres === true,
    worker: workerProcess(paths) !== null || killed?.worker === true,
  };
  work.signal.throwIfAborted();
  return {
    paths,
    settings,
    record,
    hidden,
    progress,
    state: { version: 1, startedAt: new Date().toISOString(), backup: null, stage: 'begun', aside: null, ran },
  };
}

async function prove<V extends { passed: boolean }>(scene: Scene, work: FreshRestore<V>): Promise<V> {
  const { paths, hidden, progress } = scene;
  const step = async (line: string, action: () => Promise<void>) => {
    work.signal.throwIfAborted();
    progress(line);
    await action();
  };
  await keep(scene, {});
  if (scene.state.ran.worker) await step('Stopping the worker', async () => void (await stopWorker(paths)));
  await work.assertQuiet();
  await step('Stopping Postgres', async () => void (await stopPostgres(paths)));
  const started = await startPrior(scene);
  work.signal.throwIfAborted();
  await keep(scene, { backup: await work.prior(started ? hidden : null) });
  await stopPostgres(paths);
  const aside = asideName(paths, scene.state.startedAt);
  await keep(scene, { aside });
  await step(`Moving the prior data directory to ${aside}`, async () => moveDataAside(paths, aside));
  await step('Starting an empty cluster', () => startPostgres(paths, hidden, () => undefined));
  const verdict = await work.restore(hidden, aside);
  work.signal.throwIfAborted();
  await stopPostgres(paths);
  // From here on the restored database is the installation's.
  if (verdict.passed) await keep(scene, { stage: 'proved' });
  return verdict;
}

/** Starts the prior cluster where nobody else finds it; one that cannot be started is what backups are for. */
async function startPrior({ paths, hidden, progress }: Scene): Promise<boolean> {
  progress('Closing the prior database to everybody else');
  try {
    await startPostgres(paths, hidden, () => undefined);
    return true;
  } catch (error) {
    progress(`The prior database does not start: ${reason(error)}`);
    return false;
  }
}

async function complete<V extends { passed: boolean }>(
  { paths, settings, record, state, progress }: Scene,
  work: FreshRestore<V>,
): Promise<void> {
  await startPostgres(paths, record, progress);
  await work.finish(state);
  clearRestoreState(paths);
  if (state.ran.worker) await startWorker(paths, settings, progress);
}

/**
 * Puts the prior data directory back and starts what ran before. A failure to start is told, and hides no earlier
 * error.
 */
async function undo({ paths, settings, record, state, progress }: Scene, why: string): Promise<void> {
  progress(`Going back: ${why}`);
  await stopPostgres(paths);
  await putDataBack(paths, state, progress);
  clearRestoreState(paths);
  try {
    if (state.ran.postgres) await startPostgres(paths, record, progress);
    if (state.ran.worker) await startWorker(paths, settings, progress);
  } catch (error) {
    progress(
      `The prior data directory is in its place, but not everything could be started again (make up): ${reason(error)}`,
    );
  }
}

async function keep(scene: Scene, change: Partial<RestoreState>): Promise<void> {
  scene.state = { ...scene.state, ...change };
  await writeRestoreState(scene.paths, scene.state);
}

/** `postgres-data.bak-20261122T180102Z`; with milliseconds where that is taken. */
function asideName({ postgresData }: InstallationPaths, at: string): string {
  const compact = at.replaceAll(/[-:]/g, '');
  const plain = `${postgresData}.bak-${compact.replace(/\.\d+Z$/, 'Z')}`;
  return existsSync(plain) ? `${postgresData}.bak-${compact}` : plain;
}

function neverStarted(settings: Settings) {
  return unreachableError(
    'NOT_STARTED',
    `No services are known for the data directory ${settings.dataDir}: it has never been started.`,
    { remedy: 'make up' },
  );
}

function earlierUnfinished({ startedAt }: RestoreState) {
  return faultError(
    'RESTORE_UNFINISHED',
    `The restore proof of ${startedAt} has passed, and its last steps are missing.`,
    { remedy: 'make up, which finishes it' },
  );
}
