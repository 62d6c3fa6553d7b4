import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { link, mkdir, readdir, rename, stat, unlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { faultError, OpsError } from '../domain/errors.js';
import type { Instant, IsoDate, Sha256 } from '../domain/types.js';
import { appendRegular, readRegularBytes } from '../files/regular.js';
import { openDropped } from './csv/folder.js';
import type { RawPayload } from './provider.js';

/** A payload as it lies on disk: what the `payloads` row and the manifest line say. */
export interface KeptPayload<Kind extends string = RawPayload['kind']> {
  provider: string;
  kind: Kind;
  /** Internal symbol, currency pair, or the name of a file that speaks of many symbols. */
  symbol: string;
  request: string;
  retrievedAt: Instant;
  sha256: Sha256;
  bytes: number;
  /** Below the data directory, with forward slashes. */
  path: string;
}

export interface KeepRequest<Kind extends string = RawPayload['kind']> {
  dataDir: string;
  provider: string;
  /** Date of the folder: the run's trading day, not the wall clock, so that a simulated day lands in its own. */
  date: IsoDate;
  symbol: string;
  payload: Omit<RawPayload, 'kind'> & { kind: Kind };
  retrievedAt: Instant;
  /** The folder of the day before, as `earlierFolder` found it; looked for when left out. */
  earlier?: EarlierFolder | null;
}

/** What a written payload turned out to be; `name` is its file name, made of the subject and the hash. */
interface Written {
  sha256: Sha256;
  bytes: number;
  name: string;
}

/** Nobody writes to a kept payload again, not even its owner. */
const READ_ONLY = 0o400;
const NO_ROOM: readonly string[] = ['ENOSPC', 'EDQUOT'];
let temporaryNumber = 0;

/** Where the raw answers of a provider on a day are kept, below the data directory. */
export const payloadFolder = (provider: string, date: IsoDate): string =>
  path.posix.join('data/market', provider, date);

/**
 * Keeps a raw answer below `data/market/<provider>/<date>/`, named by symbol and hash. It appears whole or not at all
 * and is never overwritten: the same bytes again are the same file, and the same bytes on a later day a hard link to
 * it.
 */
export async function keepPayload<Kind extends string>({
  dataDir,
  provider,
  date,
  symbol,
  payload,
  retrievedAt,
  ...known
}: KeepRequest<Kind>): Promise<KeptPayload<Kind>> {
  const subject = subjectOf({ payload, symbol });
  const folder = payloadFolder(provider, date);
  try {
    const earlier = known.earlier === undefined ? await earlierFolder(dataDir, provider, date) : known.earlier;
    const folders = { folder: path.join(dataDir, folder), earlier };
    const written = await keepBody(folders, subject, payload).catch(async (error: unknown) => {
      // Only the first payload of a date finds no folder.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      await mkdir(folders.folder, { recursive: true });
      return keepBody(folders, subject, payload);
    });
    return asKept({ provider, date, symbol, payload, retrievedAt }, written);
  } catch (cause) {
    if (cause instanceof OpsError) throw cause;
    const what = `the answer of ${provider} for ${subject} cannot be kept in ${path.join(dataDir, folder)}`;
    if (NO_ROOM.includes((cause as NodeJS.ErrnoException).code ?? ''))
      throw faultError('DISK_FULL', `${what}: the disk is full`, { cause, remedy: 'free some space there' });
    throw faultError('PAYLOAD_NOT_KEPT', `${what}: ${(cause as Error).message}`, {
      cause,
      remedy: 'mend the disk or the directory, then fetch again: make market-fetch',
    });
  }
}

/**
 * How a payload in memory will lie on disk, so that its rows can be written while the disk syncs it; null for a large
 * file, whose hash is known only once it was copied.
 */
export function willBeKept<Kind extends string>(
  request: Omit<KeepRequest<Kind>, 'dataDir' | 'earlier'>,
): KeptPayload<Kind> | null {
  const { body } = request.payload;
  return Buffer.isBuffer(body) ? asKept(request, writtenAs(subjectOf(request), request.payload, body)) : null;
}

const subjectOf = ({ payload, symbol }: { payload: Pick<RawPayload, 'name'>; symbol: string }): string =>
  payload.name ?? symbol;

function asKept<Kind extends string>(
  request: Omit<KeepRequest<Kind>, 'dataDir' | 'earlier'>,
  { sha256, bytes, name }: Written,
): KeptPayload<Kind> {
  const { provider, date, payload, retrievedAt } = request;
  return {
    provider,
    kind: payload.kind,
    symbol: subjectOf(request),
    request: payload.request,
    retrievedAt,
    sha256,
    bytes,
    path: path.posix.join(payloadFolder(provider, date), name),
  };
}

/** A folder of an earlier day and the names in it: most files of a morning are new, and not looked for one by one. */
interface EarlierFolder {
  folder: string;
  names: ReadonlySet<string>;
}

/** The newest folder of a provider before a date, which holds what its files said then; null when there is none. */
export async function earlierFolder(dataDir: string, provider: string, date: IsoDate): Promise<EarlierFolder | null> {
  const root = path.join(dataDir, 'data/market', provider);
  const days = await readdir(root).catch(() => []);
  const before = days
    .filter((day) => day < date)
    .toSorted()
    .at(-1);
  if (before === undefined) return null;
  const folder = path.join(root, before);
  return { folder, names: new Set(await readdir(folder).catch(() => [])) };
}

/**
 * Makes the folder of a date, once for all payloads of a batch that would each find that it is missing.
 * @returns the folder before it, as `earlierFolder` finds it; the first payload tells of one that cannot be made.
 */
export async function openFolder(dataDir: string, provider: string, date: IsoDate): Promise<EarlierFolder | null> {
  const [earlier] = await Promise.all([
    earlierFolder(dataDir, provider, date),
    mkdir(path.join(dataDir, payloadFolder(provider, date)), { recursive: true }).catch(() => undefined),
  ]);
  return earlier;
}

interface Folders {
  folder: string;
  earlier: EarlierFolder | null;
}

const nameOf = (subject: string, sha256: Sha256, extension: string): string =>
  `${fileSafe(subject)}-${sha256.slice(0, 8)}.${extension}`;

/** Hashes of bodies at hand: each is asked for by its rows and by its file. */
const hashes = new WeakMap<Buffer, Sha256>();

function writtenAs(subject: string, { extension }: Pick<RawPayload, 'extension'>, body: Buffer): Written {
  const sha256 = hashes.get(body) ?? createHash('sha256').update(body).digest('hex');
  hashes.set(body, sha256);
  return { sha256, bytes: body.length, name: nameOf(subject, sha256, extension) };
}

async function keepBody(
  folders: Folders,
  subject: string,
  payload: Pick<RawPayload, 'body' | 'extension'>,
): Promise<Written> {
  const { folder } = folders;
  const { body, extension } = payload;
  const temporary = path.join(folder, `.${process.pid}-${temporaryNumber++}.tmp`);
  if (!Buffer.isBuffer(body)) {
    const { sha256, bytes } = await copyHashing(body.file, temporary);
    return publish(temporary, folder, { sha256, bytes, name: nameOf(subject, sha256, extension) });
  }
  const written = writtenAs(subject, payload, body);
  if (await linkEarlier(folders, body, written)) return written;
  await writeFile(temporary, body, { flag: 'wx', flush: true, mode: READ_ONLY });
  return publish(temporary, folder, written);
}

/**
 * A drop folder's files stay the same for months: the copy of the day before is linked, once its bytes were compared,
 * instead of written and synced again.
 */
async function linkEarlier({ folder, earlier }: Folders, body: Buffer, { name }: Written): Promise<boolean> {
  if (!earlier?.names.has(name) || !(await holds(path.join(earlier.folder, name), body))) return false;
  const target = path.join(folder, name);
  // Another batch of the same morning may have linked it already.
  return link(path.join(earlier.folder, name), target).then(
    () => true,
    () => holds(target, body),
  );
}

const holds = async (file: string, body: Buffer): Promise<boolean> =>
  (await readRegularBytes(file, { maxBytes: body.length }).catch(() => null))?.equals(body) ?? false;

async function copyHashing(from: string, to: string): Promise<{ sha256: Sha256; bytes: number }> {
  const hash = createHash('sha256');
  let bytes = 0;
  const measure = new Transform({
    transform(piece: Buffer, _encoding, done) {
      hash.update(piece);
      bytes += piece.length;
      done(null, piece);
    },
  });
  const { handle, size } = await openDropped(from);
  const pieces = handle.createReadStream({ end: Math.max(0, size - 1) });
  await pipeline(pieces, measure, createWriteStream(to, { flags: 'wx', flush: true, mode: READ_ONLY }));
  return { sha256: hash.digest('hex'), bytes };
}

/** Gives the file its name without ever replacing one; a file of that name with another size is damage and is said. */
async function publish(temporary: string, folder: string, written: Written): Promise<Written> {
  const target = path.join(folder, written.name);
  try {
    await link(temporary, target);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') {
      // Some file systems know no hard links; there a rename has to do, and the name carries the hash.
      await rename(temporary, target);
    } else if ((await stat(target)).size !== written.bytes) {
      throw faultError(
        'PAYLOAD_DAMAGED',
        `${target} does not have the ${written.bytes} bytes that its name stands for`,
        {
          remedy: 'move the damaged file away (keep it), then fetch again: make market-fetch',
          cause: error,
        },
      );
    }
  } finally {
    // Plain unlink: `rm` looks first what it is about to remove.
    await unlink(temporary).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
    });
  }
  return written;
}

/**
 * Appends one line a payload to the folder's `manifest.jsonl`; a repeat after a crash repeats the line and no harm is
 * done.
 */
export async function appendManifest(dataDir: string, runId: string, kept: KeptPayload<string>[]): Promise<void> {
  const folders = new Set(kept.map((one) => path.posix.dirname(one.path)));
  for (const folder of folders) {
    const lines = kept
      .filter((one) => path.posix.dirname(one.path) === folder)
      .map((one) => `${JSON.stringify({ runId, ...one })}\n`)
      .join('');
    // One write of a file opened for appending: lines of two batches never mix.
    const handle = await appendRegular(path.join(dataDir, folder, 'manifest.jsonl'));
    await handle.appendFile(lines).finally(() => handle.close());
  }
}

const fileSafe = (text: string) =>
  text
    .replaceAll(/[^A-Za-z0-9.^_-]/g, '_')
    .replace(/^\.+/, '_')
    .slice(0, 60);
