import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { FetchError } from '../provider.js';

/** The files of a drop folder by lower-case name; an unreadable folder is a failure of every symbol. */
export async function listFolder(folder: string): Promise<Map<string, string>> {
  try {
    const names = await readdir(folder);
    return new Map(names.toSorted().map((name) => [name.toLowerCase(), path.join(folder, name)]));
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    if (code === 'ENOENT') throw new FetchError('FILE_MISSING', `the drop folder ${folder} does not exist`, { cause });
    throw new FetchError('FILE_UNREADABLE', `the drop folder ${folder} cannot be read (${code})`, { cause });
  }
}

/** The first of the names that the folder holds, whatever its case. */
export function findFile(files: Map<string, string>, names: string[]): string | undefined {
  return names.map((name) => files.get(name.toLowerCase())).find((file) => file !== undefined);
}

/** Reads a dropped file whole. */
export async function readDropped(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (cause) {
    throw new FetchError(
      'FILE_UNREADABLE',
      `${path.basename(file)} cannot be read (${(cause as NodeJS.ErrnoException).code})`,
      { cause },
    );
  }
}

/** What tells one state of a file from another: size, time of change and inode. */
export async function stateOf(file: string): Promise<{ size: number; mark: string }> {
  try {
    const { size, mtimeMs, ino } = await stat(file);
    return { size, mark: `${size}/${mtimeMs}/${ino}` };
  } catch (cause) {
    throw new FetchError(
      'FILE_UNREADABLE',
      `${path.basename(file)} cannot be read (${(cause as NodeJS.ErrnoException).code})`,
      { cause },
    );
  }
}
