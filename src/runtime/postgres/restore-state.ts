import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { z } from 'zod';
import { faultError } from '../../domain/errors.js';
import { readRegularSync } from '../../files/regular.js';
import type { Progress } from '../parts.js';
import type { InstallationPaths } from '../paths.js';
import { restoreStateFile } from './restore-under-way.js';
import { stopPostgres } from './server.js';

const StateSchema = z.object({
  version: z.literal(1),
  startedAt: z.iso.datetime(),
  /** Name of the dump that is proved; null until it is chosen. */
  backup: z.string().nullable(),
  /**
   * `begun`: the prior data directory is in its place, or moves to `aside`. `proved`: the restored one is the
   * installation's.
   */
  stage: z.enum(['begun', 'proved']),
  /** Absolute path the prior data directory moves to; null while it is still needed in its place. */
  aside: z.string().nullable(),
  /** What ran when it began: that runs again afterwards. */
  ran: z.object({ postgres: z.boolean(), worker: z.boolean() }),
});

/**
 * How far a restore proof on a fresh cluster has come, written before each step: whoever starts the installation next
 * reads here which of the two data directories is the right one.
 */
export type RestoreState = z.infer<typeof StateSchema>;

const FAILED = '.failed-restore';

/**
 * The proof that is under way or was cut short; null when there is none. Throws a fault when the file is not one of
 * ours.
 */
export function readRestoreState(paths: InstallationPaths): RestoreState | null {
  const file = restoreStateFile(paths);
  if (!existsSync(file)) return null;
  try {
    return StateSchema.parse(JSON.parse(readRegularSync(file)));
  } catch (cause) {
    throw faultError(
      'RESTORE_STATE_BAD',
      `${file} does not say how far a restore proof had come; nothing was touched.`,
      {
        cause,
        remedy: `Look for ${paths.postgresData}.bak-*: where there is one of that time, move it back to ${paths.postgresData}; then remove ${file} and type \`make up\`.`,
      },
    );
  }
}

/** Keeps the state on the disk before the step that it announces. */
export async function writeRestoreState(paths: InstallationPaths, state: RestoreState): Promise<void> {
  await writeFileAtomic(restoreStateFile(paths), `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600 });
  syncDirectory(paths.run);
}

export function clearRestoreState(paths: InstallationPaths): void {
  rmSync(restoreStateFile(paths), { force: true });
  syncDirectory(paths.run);
}

/** Moves the data directory aside; the state that names the place must be on the disk already. */
export function moveDataAside(paths: InstallationPaths, aside: string): void {
  if (existsSync(paths.postgresData)) renameSync(paths.postgresData, aside);
  syncDirectory(dirname(aside));
}

/**
 * Puts the prior data directory back where a proof has moved it aside, and removes what was restored. Harmless to
 * repeat from any point: whether the directory lies aside says what is left to do.
 * @returns whether it had to be moved.
 */
export async function putDataBack(paths: InstallationPaths, state: RestoreState, progress: Progress): Promise<boolean> {
  const { postgresData } = paths;
  const failed = `${postgresData}${FAILED}`;
  const aside = state.aside;
  const moved = aside !== null && existsSync(aside);
  if (moved) {
    progress(`Putting the prior data directory back (${basename(aside)})`);
    await stopPostgres(paths);
    remove(failed);
    if (existsSync(postgresData)) renameSync(postgresData, failed);
    renameSync(aside, postgresData);
    syncDirectory(dirname(postgresData));
  }
  remove(failed);
  return moved;
}

/**
 * Brings an installation whose restore proof was cut short back to one of its two whole states. Call it with the
 * installation's lock held: then nobody is at it any more.
 * @returns the state of a proof that had succeeded and whose last steps are missing; null otherwise.
 */
export async function recoverRestore(paths: InstallationPaths, progress: Progress): Promise<RestoreState | null> {
  const state = readRestoreState(paths);
  if (state === null || state.stage === 'proved') return state;
  progress(`A restore proof of ${state.startedAt} was cut short: nothing of it is kept`);
  // It ran on a port of its own, or on what was restored.
  await stopPostgres(paths);
  await putDataBack(paths, state, progress);
  clearRestoreState(paths);
  return null;
}

function remove(directory: string): void {
  rmSync(directory, { recursive: true, force: true, maxRetries: 30, retryDelay: 100 });
}

/** A rename is on the disk once its directory is. */
function syncDirectory(directory: string): void {
  const descriptor = openSync(directory, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
