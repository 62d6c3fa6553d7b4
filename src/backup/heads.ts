import { join } from 'node:path';
import { Readable } from 'node:stream';
import { headLine, mergedHeads, readHeads, type KeptHead } from '../domain/audit/heads.js';
import { appendRegular, isNoFile, readRegularBytes, whyUnreadable } from '../files/regular.js';
import type { Instant } from '../domain/types.js';
import type { SecondPlace } from './second-place.js';
import { dumpNames, verifyBackup } from './verify.js';

const FILE = 'audit-heads.jsonl';

/** Where heads of the audit log are kept outside of the database. */
export const headsFile = (dataDir: string): string => join(dataDir, FILE);

/** A line has two hundred bytes: a million of them, which no installation comes to. */
const HEADS_BYTES_MAX = 256 * 1024 * 1024;

/** Appends a head; the disk has it when this returns. A link is not followed. */
export async function keepHead(dataDir: string, head: KeptHead): Promise<void> {
  const handle = await appendRegular(headsFile(dataDir));
  try {
    await handle.writeFile(headLine(head));
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** The text of the file; empty where there is none. */
async function headsText(dataDir: string): Promise<string> {
  try {
    const bytes = await readRegularBytes(headsFile(dataDir), { maxBytes: HEADS_BYTES_MAX, links: 'refused' });
    return bytes.toString('utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}

/** What is kept on this machine outside of the database. */
export interface KeptHeads {
  /** In the file, and in the manifests of the backups. */
  heads: KeptHead[];
  problems: string[];
  /** What each head of the file was left with. */
  inFile: ReadonlySet<string>;
  /** The backups whose manifests tell a head, and the version of the schema that each is of. */
  backups: { of: string; at: Instant; migrations: readonly string[] }[];
}

/**
 * Every head that is kept on this machine: in the file, and in the manifests of the backups. A file that somebody put
 * something else in the place of is a problem, and hides none of the others.
 */
export async function keptHeads(dataDir: string, directory: string): Promise<KeptHeads> {
  const { heads, problems } = await headsOfFile(dataDir);
  const manifests = await headsOfManifests(directory);
  return {
    heads: [...heads, ...manifests.map(({ head }) => head)],
    problems,
    inFile: new Set(heads.map(({ of }) => of)),
    backups: manifests.map(({ head: { of, at }, migrations }) => ({ of, at, migrations })),
  };
}

async function headsOfFile(dataDir: string): Promise<{ heads: KeptHead[]; problems: string[] }> {
  try {
    return readHeads(await headsText(dataDir));
  } catch (error) {
    if (!isNoFile(error)) throw error;
    return { heads: [], problems: [`${FILE} cannot be read: ${whyUnreadable(error)}`] };
  }
}

/** With what the head of a backup is kept. */
export const ofBackup = (file: string): string => `backup ${file}`;

/** Records have no gaps: so many of them end with that number. */
async function headsOfManifests(directory: string): Promise<{ head: KeptHead; migrations: readonly string[] }[]> {
  const found: { head: KeptHead; migrations: readonly string[] }[] = [];
  for (const file of await dumpNames(directory)) {
    const { manifest } = await verifyBackup(directory, file, 'outline');
    const audit = manifest?.figures.audit;
    if (!manifest || !audit) continue;
    const head = { seq: audit.records, hash: audit.head, at: manifest.takenAt, of: ofBackup(file) };
    found.push({ head, migrations: manifest.figures.migrations });
  }
  return found;
}

/** Copies the heads to the second place, which keeps those it has: what was taken out here stays there. */
export async function copyHeads(dataDir: string, place: SecondPlace, signal: AbortSignal): Promise<void> {
  const own = await headsText(dataDir);
  if (own === '') return;
  const there = (await place.list()).includes(FILE) ? await textOf(await place.get(FILE, signal)) : '';
  const merged = Buffer.from(mergedHeads(there, own));
  await place.put(FILE, Readable.from([merged]), merged.length, signal);
}

async function textOf(content: Readable): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of content) pieces.push(Buffer.from(piece as Buffer));
  return Buffer.concat(pieces).toString('utf8');
}
