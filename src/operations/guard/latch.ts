import { constants } from 'node:fs';
import { lstat, mkdir, open, readdir, rename, unlink } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { faultError } from '../../domain/errors.js';
import type { Instant } from '../../domain/types.js';

/*
 * The kill switch while Postgres cannot take it: a file beside the data, which stops what the worker of this data
 * directory would issue, and is booked as soon as Postgres takes it. It only ever stops; to trade again needs Postgres.
 */

/** Names no account: all of the policy, for while its files are broken nobody knows which are meant. */
export const EVERY_ACCOUNT = '*';
const SUFFIX = '.engaged';
const SPARE = 'spare';
/** Larger than any latch: made while there is room, so that engaging takes none. */
const SPARE_BYTES = 4_096;
const NO_ROOM: readonly string[] = ['ENOSPC', 'EDQUOT'];
/** Whatever name is here a link may have: it is neither followed nor written through. */
const READ = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

const latchSchema = z.object({
  account: z.string().min(1).max(200),
  operator: z.string().min(1).max(200),
  reason: z.string().min(1).max(2_000),
  at: z.iso.datetime(),
});
/** Who engaged it for which account, why, and when by their clock. */
export type Latch = z.infer<typeof latchSchema>;

/** A latch as it lies there; whoever has booked it removes that very file. */
export interface StandingLatch extends Latch {
  file: string;
}

/** Where latches lie: below what a container of the worker sees too. */
export const latchFolder = (dataDir: string): string => path.join(dataDir, 'data', 'kill-switch');

/** Makes the folder, and in it the room that a latch takes, while the disk has some. Never fails for want of room. */
export async function prepareLatches(dataDir: string): Promise<void> {
  const folder = latchFolder(dataDir);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeNew(path.join(folder, SPARE), ' '.repeat(SPARE_BYTES)).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST' && !NO_ROOM.includes(error.code ?? '')) throw error;
  });
}

/**
 * Engages the kill switch by a file, also on a disk without room. One that stands already stays.
 * @returns the file.
 * @throws OpsError KILL_SWITCH_NOT_KEPT when not even that can be written
 */
export async function leaveLatch(dataDir: string, latch: Latch): Promise<string> {
  const folder = latchFolder(dataDir);
  const file = path.join(folder, `${encodeURIComponent(latch.account)}${SUFFIX}`);
  const text = `${JSON.stringify(latch)}\n`;
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await writeNew(file, text).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'EEXIST') return undefined;
      if (!NO_ROOM.includes(error.code ?? '')) throw error;
      return intoSpare(path.join(folder, SPARE), file, text);
    });
    return file;
  } catch (cause) {
    throw faultError('KILL_SWITCH_NOT_KEPT', `${file} cannot be written: ${(cause as Error).message}`, {
      cause,
      remedy: 'do not trade by any ticket: free some space or mend the directory, then engage it again',
    });
  }
}

/** Every latch that stands, by its name. What cannot be read stops all the same: its name says for whom. */
export async function standingLatches(dataDir: string): Promise<StandingLatch[]> {
  const folder = latchFolder(dataDir);
  const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith(SUFFIX)).toSorted();
  return Promise.all(
    names.map(async (name) => {
      const file = path.join(folder, name);
      const account = decoded(name.slice(0, -SUFFIX.length));
      const known = latchSchema.safeParse(parsed(await textOf(file)));
      if (known.success && known.data.account === account) return { file, ...known.data };
      const at: Instant = await lstat(file).then(({ mtime }) => mtime.toISOString());
      return { file, account, operator: 'system', reason: `engaged by the file ${name}, which says no more`, at };
    }),
  );
}

/** Whether a latch stops an account. */
export const isStopping = ({ account: whose }: Pick<Latch, 'account'>, account: string): boolean =>
  whose === account || whose === EVERY_ACCOUNT;

/** Removes a latch that has been booked. */
export const removeLatch = ({ file }: Pick<StandingLatch, 'file'>): Promise<void> => unlink(file);

/** Writes a file that is not there yet: never through a link. What has no room is not left behind half. */
async function writeNew(file: string, text: string): Promise<void> {
  const handle = await open(file, 'wx', 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } catch (error) {
    await unlink(file).catch(() => undefined);
    throw error;
  } finally {
    await handle.close();
  }
}

/** In place, for room that a file has is its own; then by a rename, which takes none. */
async function intoSpare(spare: string, file: string, text: string): Promise<void> {
  const handle = await open(spare, constants.O_RDWR | constants.O_NOFOLLOW);
  try {
    await handle.write(Buffer.from(text.padEnd(SPARE_BYTES)), 0, SPARE_BYTES, 0);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(spare, file);
}

async function textOf(file: string): Promise<string> {
  try {
    const handle = await open(file, READ);
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(2 * SPARE_BYTES), 0, 2 * SPARE_BYTES, 0);
      return buffer.subarray(0, bytesRead).toString('utf8');
    } finally {
      await handle.close();
    }
  } catch {
    return '';
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
