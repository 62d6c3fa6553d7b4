import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { headLine, mergedHeads, readHeads, type KeptHead } from '../domain/audit/heads.js';
import type { SecondPlace } from './second-place.js';
import { dumpNames, verifyBackup } from './verify.js';

const FILE = 'audit-heads.jsonl';

/** Where heads of the audit log are kept outside of the database. */
export const headsFile = (dataDir: string): string => join(dataDir, FILE);

/** Appends a head; the disk has it when this returns. A link is not followed. */
export async function keepHead(dataDir: string, head: KeptHead): Promise<void> {
  const { O_APPEND, O_CREAT, O_NOFOLLOW, O_WRONLY } = constants;
  const handle = await open(headsFile(dataDir), O_APPEND | O_CREAT | O_NOFOLLOW | O_WRONLY, 0o600);
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
    const handle = await open(headsFile(dataDir), constants.O_RDONLY | constants.O_NOFOLLOW);
    try {
      return await handle.readFile('utf8');
    } finally {
      await handle.close();
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}

/** Every head that is kept on this machine: in the file, and in the manifests of the backups. */
export async function keptHeads(dataDir: string, backups: string): Promise<{ heads: KeptHead[]; problems: string[] }> {
  const { heads, problems } = readHeads(await headsText(dataDir));
  return { heads: [...heads, ...(await headsOfManifests(backups))], problems };
}

/** Records have no gaps: so many of them end with that number. */
async function headsOfManifests(directory: string): Promise<KeptHead[]> {
  const heads: KeptHead[] = [];
  for (const file of await dumpNames(directory)) {
    const { manifest } = await verifyBackup(directory, file, 'outline');
    const audit = manifest?.figures.audit;
    if (manifest && audit)
      heads.push({ seq: audit.records, hash: audit.head, at: manifest.takenAt, of: `backup ${file}` });
  }
  return heads;
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
