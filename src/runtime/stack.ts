import { existsSync } from 'node:fs';
import { refusal, usageError } from '../domain/errors.js';
import { bounded } from '../domain/text.js';
import { externalParts } from './addresses.js';
import { prepareDirectories } from './directories.js';
import { withLock } from './processes/lock.js';
import type { Progress } from './parts.js';
import { installationPaths, type InstallationPaths } from './paths.js';
import { deskProcess, startDesk, stopDesk } from './processes/desk.js';
import { anyPort, becomesFree, pickPort, USUAL_PORTS, whoListens } from './processes/ports.js';
import { postgresProcess, startPostgres, stopPostgres } from './postgres/server.js';
import { clearRestoreState, recoverRestore, type RestoreState } from './postgres/restore-state.js';
import { newRecord, readRecord, type RuntimeRecord, writeRecord } from './record.js';
import type { Settings } from './settings.js';
import { ensureInstallationKey } from './signing/installation-key.js';
import { type StackStatus, stackStatus } from './status.js';
import { startTemporal, stopTemporal, temporalProcess } from './temporal/server.js';
import { hiddenUi } from './temporal/web-ui.js';
import { startWorker, stopWorker, workerProcess } from './processes/worker.js';

/** The parts of an installation, in the order in which they start. */
export const PARTS = ['postgres', 'temporal', 'worker', 'desk'] as const;
export type PartName = (typeof PARTS)[number];

/** The parts that are meant: the one that is named, or (undefined) all. @throws OpsError PART_UNKNOWN */
export function partsMeant(named: string | undefined): readonly PartName[] | undefined {
  if (named === undefined) return undefined;
  const part = PARTS.find((name) => name === named);
  if (part) return [part];
  throw usageError('PART_UNKNOWN', `only: ${bounded(named)}: must be one of ${PARTS.join(', ')}`);
}

export interface UpOptions {
  /** Only these parts; all of them when unset. */
  parts?: readonly PartName[];
  /** Start the worker and the desk too (default). */
  worker?: boolean;
  /** Called once both services run and before the worker starts: the place for migrations. */
  beforeWorker?: () => Promise<void>;
  /**
   * The last steps of a restore on a fresh cluster that was cut short after it had succeeded; called before the worker
   * starts.
   */
  finishRestore?: (state: RestoreState) => Promise<void>;
}

/**
 * Starts whatever of the installation does not run: Postgres, Temporal, worker, desk. Calling it again, or twice at
 * once, is harmless. Parts that the environment names (DATABASE_URL, TEMPORAL_ADDRESS) are left alone. Throws faults
 * that name the cause and the remedy; what was started before stays up.
 */
export async function up(settings: Settings, progress: Progress, options: UpOptions = {}): Promise<StackStatus> {
  assertLocal(settings);
  const paths = installationPaths(settings.dataDir);
  prepareDirectories(paths);
  await ensureInstallationKey(settings.dataDir);
  await locked(paths, progress, async () => {
    const external = externalParts(settings);
    const unfinished = external.postgres ? null : await recoverRestore(paths, progress);
    const record = await portsSettled(paths, progress, external);
    const { parts = PARTS } = options;
    if (!external.postgres && parts.includes('postgres')) await startPostgres(paths, record, progress);
    if (!external.temporal && parts.includes('temporal'))
      await startTemporal(paths, record, settings.temporalNamespace, progress);
    if (unfinished && options.finishRestore && parts.includes('postgres') && parts.includes('temporal')) {
      await options.finishRestore(unfinished);
      clearRestoreState(paths);
    }
    if (options.worker === false) return;
    if (parts.includes('worker')) await options.beforeWorker?.();
    // Neither waits for the other, so the desk makes `up` no longer than the worker does.
    await allDone([
      ...(parts.includes('worker') ? [startWorker(paths, settings, progress)] : []),
      ...(parts.includes('desk') ? [startDesk(paths, settings, progress)] : []),
    ]);
  });
  return status(settings);
}

/**
 * Stops desk, worker, Temporal, Postgres in this order (or only some of them); nothing of them keeps running. Harmless
 * when nothing does.
 */
export async function down(
  settings: Settings,
  progress: Progress,
  parts: readonly PartName[] = PARTS,
): Promise<StackStatus> {
  assertLocal(settings);
  const paths = installationPaths(settings.dataDir);
  if (!existsSync(paths.run)) return status(settings);
  await locked(paths, progress, async () => {
    const stops = [
      ['desk', 'desk', stopDesk],
      ['worker', 'worker', stopWorker],
      ['temporal', 'Temporal', stopTemporal],
      ['postgres', 'Postgres', stopPostgres],
    ] as const;
    for (const [, name, stop] of stops.filter(([part]) => parts.includes(part))) {
      const pid = await stop(paths);
      if (pid !== null) progress(`Stopped ${name} (pid ${pid})`);
    }
  });
  return status(settings);
}

/** Every part of the installation: name, state, version, address, pid, log. Never throws for a part that is down. */
export async function status(settings: Settings): Promise<StackStatus> {
  return stackStatus(settings);
}

/** Waits for all of them to end, well or not, so that nothing is still starting when the lock is given back. */
async function allDone(work: readonly Promise<void>[]): Promise<void> {
  for (const ended of await Promise.allSettled(work)) if (ended.status === 'rejected') throw ended.reason as Error;
}

/** Two runtimes on one data directory would each have a database of its own: the second never starts. */
function assertLocal(settings: Settings): void {
  if (settings.runtime === 'local' && readRecord(settings.dataDir)?.runtime !== 'compose') return;
  throw refusal('RUNTIME_DIFFERS', `${settings.dataDir} is run by Docker Compose, not by processes of this program.`, {
    remedy: 'TRADING_OPS_RUNTIME=compose make status; for a local runtime set TRADING_OPS_DATA to another directory',
  });
}

function locked(paths: InstallationPaths, progress: Progress, work: () => Promise<void>): Promise<void> {
  return withLock(
    paths.lock,
    (pid) => progress(`Process ${pid} is starting or stopping this installation: waiting for it`),
    work,
  );
}

/**
 * The installation's record, with ports that are its own or free. A recorded port that a stranger has taken meanwhile
 * is replaced by a free one, said aloud; a worker that still talks to the old one is stopped, to be started anew.
 */
async function portsSettled(
  paths: InstallationPaths,
  progress: Progress,
  external: { postgres: boolean; temporal: boolean },
): Promise<RuntimeRecord> {
  const known = readRecord(paths.dataDir);
  const record = known ? structuredClone(known) : await freshRecord();
  if (known) {
    const ours = [known.postgres.port, known.temporal.port, known.temporal.uiPort, known.desk?.port ?? 0];
    const settle = async (port: number, what: string) =>
      (await becomesFree(port)) ? port : replacement(port, what, ours, progress);
    if (!external.postgres && !postgresProcess(paths))
      record.postgres.port = await settle(known.postgres.port, 'Postgres');
    if (!external.temporal && !temporalProcess(paths))
      record.temporal.port = await settle(known.temporal.port, 'Temporal');
    // The gate before the Web UI is the worker's: a worker that outlived Temporal has that port, and keeps it.
    const uiHolder = known.temporal.uiServer ? workerProcess(paths) : temporalProcess(paths);
    if (!external.temporal && !uiHolder)
      record.temporal.uiPort = await settle(known.temporal.uiPort, "Temporal's Web UI");
    const ui = external.temporal ? null : hiddenUi(await anyPort(ours));
    if (ui !== null) record.temporal.uiServer ??= ui;
    record.desk ??= { port: await pickPort(USUAL_PORTS.desk, ours) };
    if (!deskProcess(paths)) record.desk.port = await settle(record.desk.port, 'the desk');
  }
  if (JSON.stringify(record) === JSON.stringify(known)) return record;
  if (known && !sameServices(record, known)) {
    if (workerProcess(paths)) await stopWorker(paths);
    if (deskProcess(paths)) await stopDesk(paths);
  }
  await writeRecord(paths.dataDir, record);
  return record;
}

/** Whether a worker that goes by the one record finds its services by the other. */
const sameServices = (one: RuntimeRecord, other: RuntimeRecord): boolean =>
  JSON.stringify([one.postgres, one.temporal]) === JSON.stringify([other.postgres, other.temporal]);

async function freshRecord(): Promise<RuntimeRecord> {
  const postgres = await pickPort(USUAL_PORTS.postgres);
  const temporal = await pickPort(USUAL_PORTS.temporal, [postgres]);
  const ui = await pickPort(USUAL_PORTS.ui, [postgres, temporal]);
  const desk = await pickPort(USUAL_PORTS.desk, [postgres, temporal, ui]);
  const record = newRecord({ postgres, temporal, ui, desk });
  const hidden = hiddenUi(await anyPort([postgres, temporal, ui, desk]));
  return hidden === null ? record : { ...record, temporal: { ...record.temporal, uiServer: hidden } };
}

async function replacement(port: number, what: string, taken: number[], progress: Progress): Promise<number> {
  const chosen = await pickPort(port, taken);
  progress(
    `Port ${port}, which ${what} of this installation had, is now used by ${await whoListens(port)}: ${what} moves to ${chosen}`,
  );
  return chosen;
}
