import { chmod, lstat, mkdir, open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { faultError, type OpsError } from '../domain/errors.js';
import { installationPaths } from '../runtime/paths.js';
import { findByCommandLine, stopProcess } from '../runtime/processes/processes.js';

/** Where the dumps of a data directory lie. */
export const backupsDirectory = (dataDir: string): string => installationPaths(dataDir).backups;

/** Names under which files are written; nothing of such a name is ever taken for a backup. */
export const PARTIAL = '.partial-';

/** Makes the directory of the dumps, readable by its owner alone. Throws a fault that names the path and the remedy. */
export async function prepareBackupDirectory(directory: string): Promise<void> {
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    if (((await lstat(directory)).mode & 0o077) !== 0) await chmod(directory, 0o700);
  } catch (cause) {
    throw directoryFault(directory, cause as NodeJS.ErrnoException);
  }
}

/** Removes what a backup that was killed has left, and ends its pg_dump. Call it with the lock of backups held. */
export async function sweepPartials(directory: string): Promise<string[]> {
  const names = (await readdir(directory)).filter((name) => name.startsWith(PARTIAL));
  for (const name of names) {
    const path = join(directory, name);
    for (const orphan of findByCommandLine('--file', path)) await stopProcess(orphan, ['SIGTERM'], 5_000);
    await rm(path, { force: true });
  }
  return names;
}

/** Has the disk keep a file's bytes, or a directory's names. */
export async function syncToDisk(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

const PROBLEMS: Record<string, string> = {
  EACCES: 'permission is denied',
  EPERM: 'permission is denied',
  EROFS: 'the file system is read-only',
  EEXIST: 'it, or a part of its path, is a file',
  ENOTDIR: 'it, or a part of its path, is a file',
  ENOENT: 'it is not there',
};

/** What the system's refusal to write a backup means, and what to do. */
export function directoryFault(directory: string, cause: NodeJS.ErrnoException): OpsError {
  if (['ENOSPC', 'EDQUOT', 'EFBIG'].includes(cause.code ?? '')) return diskFull(directory, cause);
  return faultError(
    'BACKUP_DIRECTORY_UNUSABLE',
    `Backups cannot be written to ${directory}: ${PROBLEMS[cause.code ?? ''] ?? cause.message}. Older backups are as they were.`,
    {
      cause,
      remedy: `make ${directory} a directory that this user may write, then: make backup`,
    },
  );
}

export const diskFull = (directory: string, cause?: unknown): OpsError =>
  faultError(
    'DISK_FULL',
    `The disk of ${directory} is full: the backup was given up, and its half file removed. Older backups are as they were.`,
    {
      cause,
      remedy: 'free some space (trading-ops backups list shows what each takes), then: make backup',
    },
  );
