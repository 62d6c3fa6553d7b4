import {
  chmodSync,
  closeSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmdirSync,
  statfsSync,
  statSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { faultError } from '../domain/errors.js';
import { appendRegularSync } from '../files/regular.js';
import type { InstallationPaths } from './paths.js';

const FREE_MIN_BYTES = 300 * 1024 * 1024;

/**
 * Makes the installation's directories and proves that they can be written.
 * Throws a fault that names the path and the remedy: it is a file, may not be written, is read-only, is full.
 */
export function prepareDirectories(paths: InstallationPaths): void {
  const isThere = existsSync(paths.dataDir);
  makeDirectory(paths.dataDir);
  const isNew = !isThere || readdirSync(paths.dataDir).length === 0;
  for (const directory of [paths.run, paths.logs, paths.temporalDir]) makeDirectory(directory);
  closeToOthers(paths, isNew);
  assertWritable(paths);
  assertSpace(paths.dataDir);
}

/** What Postgres's own user passes through, where root starts it: it may enter these, and list nothing. */
const PASSED_THROUGH = 0o711;
const CLOSED = 0o700;

/**
 * What other users of the machine may not look into: the directories of an installation, also those that an earlier
 * version made. A directory that is somebody else's, or no installation's (one that was named by mistake), is left as
 * it is.
 */
function closeToOthers(paths: InstallationPaths, isNew: boolean): void {
  if (!isNew && !existsSync(paths.record)) return;
  const isRoot = process.getuid?.() === 0;
  const own = ['artifacts', 'data', 'backups'].map((name) => join(paths.dataDir, name));
  for (const directory of [paths.dataDir, paths.run, paths.logs, paths.temporalDir, ...own]) {
    const found = lstatSync(directory, { throwIfNoEntry: false });
    if (!found?.isDirectory() || found.uid !== process.getuid?.()) continue;
    const wanted = isRoot && [paths.dataDir, paths.run].includes(directory) ? PASSED_THROUGH : CLOSED;
    if ((found.mode & 0o777 & ~wanted) !== 0) chmodSync(directory, found.mode & 0o777 & wanted);
  }
}

/** Makes a log file that another user (Postgres's) may write through the descriptor it inherits. */
export function touch(file: string): void {
  closeSync(appendRegularSync(file));
}

/** Bytes that a user may still write on the file system of a directory; null where the system does not say. */
export function freeBytes(directory: string): number | null {
  try {
    const stats = statfsSync(directory);
    return stats.bavail * stats.bsize;
  } catch {
    return null;
  }
}

function makeDirectory(directory: string): void {
  try {
    const made = mkdirSync(directory, { recursive: true });
    // Where root starts it, Postgres's own user must pass through a directory that we have just made.
    if (made !== undefined && process.getuid?.() === 0) openUp(made, directory);
    if (!statSync(directory).isDirectory()) throw Object.assign(new Error('a file'), { code: 'ENOTDIR' });
  } catch (cause) {
    throw cannotUse(directory, cause as NodeJS.ErrnoException);
  }
}

function openUp(first: string, last: string): void {
  for (let directory = last; directory.startsWith(first); directory = dirname(directory)) {
    chmodSync(directory, statSync(directory).mode | 0o711);
    if (directory === first) return;
  }
}

function assertWritable(paths: InstallationPaths): void {
  try {
    for (const directory of [paths.dataDir, paths.run, paths.logs, paths.temporalDir])
      rmdirSync(mkdtempSync(`${directory}/.probe-`));
  } catch (cause) {
    throw cannotUse(paths.dataDir, cause as NodeJS.ErrnoException);
  }
}

function assertSpace(directory: string): void {
  const free = freeBytes(directory);
  if (free === null || free >= FREE_MIN_BYTES) return;
  throw faultError(
    'DISK_FULL',
    `Only ${Math.round(free / 1024 ** 2)} MB are free where ${directory} is; at least 300 MB are needed.`,
    {
      remedy: 'Free some space, or set TRADING_OPS_DATA to a directory on another disk.',
    },
  );
}

function cannotUse(directory: string, cause: NodeJS.ErrnoException) {
  const reasons: Record<string, string> = {
    EACCES: 'this user may not write there',
    EPERM: 'this user may not write there',
    EROFS: 'the file system is read-only',
    ENOSPC: 'the disk is full',
    EEXIST: 'it, or a part of its path, is a file',
    ENOTDIR: 'it, or a part of its path, is a file',
    ENAMETOOLONG: 'the path is too long',
  };
  const reason = reasons[cause.code ?? ''] ?? cause.message;
  const permitted = `, or type \`sudo mkdir -p ${directory} && sudo chown "$USER" ${directory}\``;
  const denied = cause.code === 'EACCES' || cause.code === 'EPERM';
  return faultError('DATA_DIRECTORY_UNUSABLE', `The data directory ${directory} cannot be used: ${reason}.`, {
    cause,
    remedy: `Set TRADING_OPS_DATA to a directory you may write (TRADING_OPS_DATA=~/trading-ops make up)${denied ? permitted : ''}.`,
  });
}
