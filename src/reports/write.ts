import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { faultError, usageError, type OpsError } from '../domain/errors.js';

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
  await Promise.all(targets.map(({ target, text }) => writeOne(target, text, durable)));
  return files.map((file) => file.path);
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

async function writeOne(target: string, text: string, durable: boolean): Promise<void> {
  try {
    if (durable) {
      await mkdir(path.dirname(target), { recursive: true });
      await writeFileAtomic(target, text);
    } else await replaceWhole(target, text).catch((error: unknown) => inNewDirectory(target, text, error));
  } catch (cause) {
    throw writeFault(target, cause as NodeJS.ErrnoException);
  }
}

let temporaryNumber = 0;

/** The four calls that matter here, of the library's seventeen: half a dozen files wait for them in every run. */
async function replaceWhole(target: string, text: string): Promise<void> {
  const temporary = `${target}.${process.pid}-${temporaryNumber++}.tmp`;
  try {
    await writeFile(temporary, text);
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
}

/** Most directories are there already, so nobody looks before it turns out that one is not. */
async function inNewDirectory(target: string, text: string, error: unknown): Promise<void> {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  await mkdir(path.dirname(target), { recursive: true });
  await replaceWhole(target, text);
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
