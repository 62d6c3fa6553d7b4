import { chmodSync, closeSync, mkdirSync, mkdtempSync, openSync, rmdirSync, statfsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { faultError } from '../domain/errors.js';
import type { InstallationPaths } from './paths.js';

const FREE_MIN_BYTES = 300 * 1024 * 1024;

/**
 * Makes the installation's directories and proves that they can be written.
 * Throws a fault that names the path and the remedy: it is a file, may not be written, is read-only, is full.
 */
export function prepareDirectories(paths: InstallationPaths): void {
  makeDirectory(paths.dataDir);
  for (const directory of [paths.run, paths.logs, paths.temporalDir]) makeDirectory(directory);
  assertWritable(paths);
  assertSpace(paths.dataDir);
}

/** Makes a log file that another user (Postgres's) may write through the descriptor it inherits. */
export function touch(file: string): void {
  closeSync(openSync(file, 'a', 0o644));
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
    // A strict umask must not lock Postgres's own user out of a directory that we have just made.
    if (made !== undefined) openUp(made, directory);
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
