import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { readdir, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, join, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { openRegular, UNBOUNDED } from '../files/regular.js';
import { PARTIAL, syncToDisk } from './directory.js';
import { copyFailed, type SecondPlace } from './second-place.js';

const PROBLEMS: Record<string, string> = {
  ENOENT: 'the directory is not there (a mount that is not mounted?)',
  ENOTDIR: 'it is a file',
  EACCES: 'permission is denied',
  EPERM: 'permission is denied',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EIO: 'the disk or the network behind it fails',
  ESTALE: 'the mount is stale',
};

/** A directory, which must be there: one made where a mount is missing would fill the wrong disk without a word. */
export async function openDirectory(root: string, backups: string): Promise<SecondPlace> {
  const failed = (error: unknown) =>
    copyFailed(root, PROBLEMS[(error as NodeJS.ErrnoException).code ?? ''] ?? (error as Error).message, error);
  const said = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw typeof (error as NodeJS.ErrnoException).code === 'string' && (error as Error).name !== 'AbortError'
        ? failed(error)
        : error;
    }
  };
  const [target, own] = await said(() => Promise.all([realpath(root), realpath(backups)]));
  if (`${target}${sep}`.startsWith(`${own}${sep}`))
    throw copyFailed(root, 'it is the directory of the backups themselves; name another disk in backup.copy_to');
  if (!(await said(() => stat(target))).isDirectory()) throw copyFailed(root, 'it is a file');
  const path = (name: string) => join(target, basename(name));
  return {
    name: root,
    put: (name, content, _bytes, signal) =>
      said(async () => {
        const partial = join(target, `${PARTIAL}${randomUUID()}`);
        try {
          await pipeline(content, createWriteStream(partial, { flags: 'wx', mode: 0o600 }), { signal });
          await syncToDisk(partial);
          await rename(partial, path(name));
          await syncToDisk(target);
        } finally {
          await rm(partial, { force: true });
        }
      }),
    get: (name) => said(async () => (await openRegular(path(name), UNBOUNDED)).handle.createReadStream()),
    list: () => said(() => readdir(target)),
    remove: (name) => said(() => rm(path(name), { force: true })),
    close: () => undefined,
  };
}
