import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { appendFile, link, mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { faultError } from '../domain/errors.js';
import type { Instant, IsoDate, Sha256 } from '../domain/types.js';
import type { RawPayload } from './provider.js';

/** A payload as it lies on disk: what the `payloads` row and the manifest line say. */
export interface KeptPayload {
  provider: string;
  kind: RawPayload['kind'];
  /** Internal symbol, currency pair, or the name of a file that speaks of many symbols. */
  symbol: string;
  request: string;
  retrievedAt: Instant;
  sha256: Sha256;
  bytes: number;
  /** Below the data directory, with forward slashes. */
  path: string;
}

export interface KeepRequest {
  dataDir: string;
  provider: string;
  /** Date of the folder: the run's trading day, not the wall clock, so that a simulated day lands in its own. */
  date: IsoDate;
  symbol: string;
  payload: RawPayload;
  retrievedAt: Instant;
}

/**
 * Keeps a raw answer below `data/market/<provider>/<date>/`, named by symbol and hash. It appears whole or not at all and is
 * never overwritten: the same bytes again are the same file.
 */
export async function keepPayload({ dataDir, provider, date, symbol, payload, retrievedAt }: KeepRequest): Promise<KeptPayload> {
  const subject = payload.name ?? symbol;
  const folder = path.posix.join('data/market', provider, date);
  try {
    await mkdir(path.join(dataDir, folder), { recursive: true });
    const temporary = path.join(dataDir, folder, `.${process.pid}-${temporaryNumber++}.tmp`);
    const { sha256, bytes } = await writeTemporary(temporary, payload.body);
    const kept = path.posix.join(folder, `${fileSafe(subject)}-${sha256.slice(0, 8)}.${payload.extension}`);
    await publish(temporary, path.join(dataDir, kept), bytes);
    return { provider, kind: payload.kind, symbol: subject, request: payload.request, retrievedAt, sha256, bytes, path: kept };
  } catch (cause) {
    if (!(cause instanceof Error) || !('code' in cause)) throw cause;
    throw faultError('PAYLOAD_NOT_KEPT', `the answer of ${provider} for ${subject} cannot be kept in ${path.join(dataDir, folder)}: ${cause.message}`, {
      cause, remedy: 'mend the disk or the directory, then fetch again: make market-fetch',
    });
  }
}

let temporaryNumber = 0;

async function writeTemporary(temporary: string, body: RawPayload['body']): Promise<{ sha256: Sha256; bytes: number }> {
  const hash = createHash('sha256');
  if (Buffer.isBuffer(body)) {
    await writeFile(temporary, body, { flag: 'wx', flush: true });
    return { sha256: hash.update(body).digest('hex'), bytes: body.length };
  }
  let bytes = 0;
  const measure = new Transform({
    transform(piece: Buffer, _encoding, done) {
      hash.update(piece);
      bytes += piece.length;
      done(null, piece);
    },
  });
  await pipeline(createReadStream(body.file), measure, createWriteStream(temporary, { flags: 'wx', flush: true }));
  return { sha256: hash.digest('hex'), bytes };
}

/** Gives the file its name without ever replacing one; a file of that name with another size is damage and is said. */
async function publish(temporary: string, target: string, bytes: number): Promise<void> {
  try {
    await link(temporary, target);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code !== 'EEXIST') {
      // Some file systems know no hard links; there a rename has to do, and the name carries the hash.
      await rename(temporary, target);
      return;
    }
    const { size } = await stat(target);
    if (size !== bytes) throw faultError('PAYLOAD_DAMAGED', `${target} has ${size} bytes, not the ${bytes} its name stands for`, {
      remedy: 'move the damaged file away (keep it), then fetch again: make market-fetch',
    });
  } finally {
    await rm(temporary, { force: true });
  }
}

/** Appends one line a payload to the folder's `manifest.jsonl`; a repeat after a crash repeats the line and no harm is done. */
export async function appendManifest(dataDir: string, runId: string, kept: KeptPayload[]): Promise<void> {
  for (const [folder, ones] of groupByFolder(kept)) {
    const lines = ones.map((one) => `${JSON.stringify({ runId, ...one })}\n`).join('');
    // One write of a file opened for appending: lines of two batches never mix.
    await appendFile(path.join(dataDir, folder, 'manifest.jsonl'), lines);
  }
}

function groupByFolder(kept: KeptPayload[]): Map<string, KeptPayload[]> {
  const groups = new Map<string, KeptPayload[]>();
  for (const one of kept) {
    const folder = path.posix.dirname(one.path);
    groups.set(folder, [...(groups.get(folder) ?? []), one]);
  }
  return groups;
}

const fileSafe = (text: string) => text.replaceAll(/[^A-Za-z0-9.^_-]/g, '_').replace(/^\.+/, '_').slice(0, 60);
