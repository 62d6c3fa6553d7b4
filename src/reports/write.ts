import { mkdir, realpath, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { faultError, OpsError, usageError } from '../domain/errors.js';

/** A file to write: its path relative to the data directory, and its text. */
export interface ArtifactFile {
  path: string;
  text: string;
}

/**
 * Writes each file whole or not at all (temporary name, rename), making directories as needed. Unless it is
 * `durable`, nothing waits for the disk: should a power cut lose a file, `trading-ops render` writes it again.
 * @returns the paths as given, relative to the data directory.
 * Throws OpsError: exit 64 for a path that leaves the artifacts directory, exit 1 when the disk refuses.
 */
export async function writeArtifacts(
  dataDir: string,
  files: ArtifactFile[],
  { durable = false } = {},
): Promise<string[]> {
  const targets = files.map((file) => ({ target: resolveInside(dataDir, file.path), text: file.text }));
  const place: Place = { root: dataDir, looked: new Map() };
  await Promise.all(targets.map(({ target, text }) => writeOne(place, target, text, durable)));
  return files.map((file) => file.path);
}

/** Where files are written. */
interface Place {
  /** The data directory. */
  root: string;
  /** The directories that are looked at for links, once for all files that are written together. */
  looked: Map<string, Promise<void>>;
}

/**
 * Refuses to write where a link leads: one on the way from the data directory down would put the file elsewhere. The
 * data directory itself may be reached by a link.
 * @param directory where it is not there yet, what it will be made in counts.
 * @throws OpsError WRITES_THROUGH_LINK
 */
export async function refuseLinks(root: string, directory: string): Promise<void> {
  const found = await realpath(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT' || directory === root) throw error;
    return null;
  });
  if (found === null) return refuseLinks(root, path.dirname(directory));
  const above = await realpath(root);
  const straight = path.join(above, path.relative(root, directory));
  if (found === straight) return;
  throw faultError('WRITES_THROUGH_LINK', `${directory} leads by a link to ${found}: nothing is written there.`, {
    remedy: 'Move it back, mount the other disk there, or move the whole data directory and set TRADING_OPS_DATA.',
  });
}

/** The absolute path of an artifact; refuses one that is not below `<dataDir>/artifacts`. */
export function resolveInside(dataDir: string, relative: string): string {
  const root = path.resolve(dataDir, 'artifacts');
  const target = path.resolve(dataDir, relative);
  if (!relative.includes('\0') && target.startsWith(root + path.sep)) return target;
  throw usageError(
    'UNSAFE_PATH',
    `${JSON.stringify(relative)} is not inside ${root}: artifacts are written nowhere else.`,
    {
      remedy: 'Give the id as the program printed it.',
    },
  );
}

async function writeOne(place: Place, target: string, text: string, durable: boolean): Promise<void> {
  try {
    const write = () => replaceWhole(place, target, text, durable);
    await write().catch(async (error: NodeJS.ErrnoException) => {
      // Most directories are there already, so nobody looks before it turns out that one is not.
      if (error.code !== 'ENOENT') throw error;
      await mkdir(path.dirname(target), { recursive: true });
      place.looked.delete(path.dirname(target));
      return write();
    });
  } catch (cause) {
    if (cause instanceof OpsError) throw cause;
    throw writeFault(target, cause as NodeJS.ErrnoException);
  }
}

let temporaryNumber = 0;

/** A file that has the temporary name already, or a link, is neither replaced nor written through. */
async function replaceWhole({ root, looked }: Place, target: string, text: string, durable: boolean): Promise<void> {
  const directory = path.dirname(target);
  const looking = looked.get(directory) ?? refuseLinks(root, directory);
  looked.set(directory, looking);
  await looking;
  const temporary = `${target}.${process.pid}-${temporaryNumber++}.tmp`;
  await writeFile(temporary, text, { flag: 'wx', flush: durable });
  try {
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
}

const WRITE_FAULTS: Record<string, { code: string; problem: string; remedy: string }> = {
  ENOSPC: {
    code: 'DISK_FULL',
    problem: 'the disk is full',
    remedy: 'Free some space, then type `trading-ops render all --missing`.',
  },
  EDQUOT: {
    code: 'DISK_FULL',
    problem: 'the disk quota is used up',
    remedy: 'Free some space, then type `trading-ops render all --missing`.',
  },
  EROFS: {
    code: 'NOT_WRITABLE',
    problem: 'the file system is read-only',
    remedy: 'Set TRADING_OPS_DATA to a directory that can be written.',
  },
  EACCES: {
    code: 'NOT_WRITABLE',
    problem: 'permission is denied',
    remedy: 'Run as the user who owns the data directory, or set TRADING_OPS_DATA to your own.',
  },
  EPERM: {
    code: 'NOT_WRITABLE',
    problem: 'permission is denied',
    remedy: 'Run as the user who owns the data directory, or set TRADING_OPS_DATA to your own.',
  },
  ENOTDIR: {
    code: 'NOT_WRITABLE',
    problem: 'a file is where a directory should be',
    remedy: 'Move that file away, or set TRADING_OPS_DATA to another directory.',
  },
  EEXIST: {
    code: 'NOT_WRITABLE',
    problem: 'a file is where a directory should be',
    remedy: 'Move that file away, or set TRADING_OPS_DATA to another directory.',
  },
  EISDIR: {
    code: 'NOT_WRITABLE',
    problem: 'a directory has the name of the file',
    remedy: 'Move that directory away, then type `trading-ops render all --missing`.',
  },
};

/** What the operating system's refusal means, and what to do about it. */
export function writeFault(target: string, cause: NodeJS.ErrnoException): OpsError {
  const known = WRITE_FAULTS[cause.code ?? ''];
  const { code, problem, remedy } = known ?? {
    code: 'NOT_WRITABLE',
    problem: cause.code ?? cause.message,
    remedy: 'Mend the disk or the directory, then type `trading-ops render all --missing`.',
  };
  return faultError(code, `Cannot write ${target}: ${problem}. The facts are safe in the database.`, { cause, remedy });
}
