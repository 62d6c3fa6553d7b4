import { createHash } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { instantOfName, manifestName, readManifest, type Manifest } from '../domain/backup/manifest.js';
import type { Instant, Sha256 } from '../domain/types.js';
import { openRegular, readRegular, UNBOUNDED, whyUnreadable } from '../files/regular.js';

/**
 * What a dump on the disk is worth. `verified`: its manifest is whole and every byte is as it was written. `damaged`:
 * it is not. `incomplete`: dump or manifest is missing, so it never became a backup.
 */
export type BackupState = 'verified' | 'damaged' | 'incomplete';

export interface Backup {
  /** Name of the dump in the backup directory. */
  file: string;
  /** Absolute path of the dump. */
  path: string;
  state: BackupState;
  /** What is wrong; null when it is verified. */
  problem: string | null;
  /** The instant in its name. */
  takenAt: Instant;
  /** Bytes on the disk; 0 when the dump is missing. */
  bytes: number;
  /** What it says of itself; null unless it is whole. */
  manifest: Manifest | null;
}

/** A backup whose every byte was checked. */
export type VerifiedBackup = Backup & { state: 'verified'; manifest: Manifest };

export const isVerified = (backup: Backup): backup is VerifiedBackup => backup.state === 'verified';

/**
 * Names of the dumps in a directory, newest first; of a manifest without its dump too. Empty when there is no
 * directory.
 */
export async function dumpNames(directory: string): Promise<string[]> {
  const names = await readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const dumps = names
    .map((name) => name.replace(/\.manifest\.json$/, ''))
    .filter((name) => instantOfName(name) !== null);
  return [...new Set(dumps)].toSorted().toReversed();
}

/**
 * Checks one dump of a directory against its manifest. Never throws for what is wrong with the files.
 * @param depth `bytes` reads every byte; `outline` only the manifest and the dump's length.
 */
export async function verifyBackup(
  directory: string,
  file: string,
  depth: 'bytes' | 'outline' = 'bytes',
): Promise<Backup> {
  const path = join(directory, file);
  const bytes = await stat(path).then(
    (found) => found.size,
    () => null,
  );
  const { text, why } = await textOfManifest(join(directory, manifestName(file)));
  const told = (state: BackupState, problem: string | null, manifest: Manifest | null = null): Backup => ({
    file,
    path,
    state,
    problem,
    takenAt: instantOfName(file) ?? '',
    bytes: bytes ?? 0,
    manifest,
  });
  if (bytes === null) return told('incomplete', 'the manifest is here, the dump is not');
  if (why !== null) return told('damaged', `its manifest cannot be read: ${why}`);
  if (text === null)
    return told('incomplete', 'it has no manifest: it was never finished, or the manifest was removed');
  const { manifest, problem } = readManifest(text, file);
  if (manifest === undefined) return told('damaged', problem);
  if (bytes !== manifest.bytes)
    return told(
      'damaged',
      `it has ${bytes} bytes, its manifest says ${manifest.bytes}: it was ${bytes < manifest.bytes ? 'cut short' : 'added to'}`,
    );
  if (depth === 'outline') return told('verified', null, manifest);
  const found = await sha256OfFile(path).catch((error: Error) => `nothing (${error.message})`);
  if (found !== manifest.sha256)
    return told('damaged', `its SHA-256 is ${found}, its manifest says ${manifest.sha256}: it was altered`);
  return told('verified', null, manifest);
}

/** The text of a manifest, null where there is none; and why one that is there cannot be read. */
async function textOfManifest(path: string): Promise<{ text: string | null; why: string | null }> {
  try {
    return { text: await readRegular(path), why: null };
  } catch (error) {
    return { text: null, why: (error as NodeJS.ErrnoException).code === 'ENOENT' ? null : whyUnreadable(error) };
  }
}

/** Every backup of a directory, newest first, each checked to the last byte. */
export async function listBackups(directory: string): Promise<Backup[]> {
  const backups: Backup[] = [];
  for (const file of await dumpNames(directory)) backups.push(await verifyBackup(directory, file));
  return backups;
}

/** The newest backup that is whole: damaged and unfinished ones are passed over. Null when there is none. */
export async function newestVerified(directory: string): Promise<VerifiedBackup | null> {
  for (const file of await dumpNames(directory)) {
    const backup = await verifyBackup(directory, file);
    if (isVerified(backup)) return backup;
  }
  return null;
}

/** SHA-256 of a file, read in pieces. */
export async function sha256OfFile(path: string): Promise<Sha256> {
  const hash = createHash('sha256');
  const { handle } = await openRegular(path, UNBOUNDED);
  await pipeline(handle.createReadStream({ highWaterMark: 1024 * 1024 }), hash);
  return hash.digest('hex');
}
