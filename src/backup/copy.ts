import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import writeFileAtomic from 'write-file-atomic';
import { copyRecordName, copyRecordSchema, type CopyRecord } from '../domain/backup/copy-record.js';
import { instantOfName, manifestName } from '../domain/backup/manifest.js';
import { backupsToDelete, type KeepPolicy } from '../domain/backup/retention.js';
import { OpsError } from '../domain/errors.js';
import type { Sha256 } from '../domain/types.js';
import { readRegular } from '../files/regular.js';
import { copyFailed, type SecondPlace } from './second-place.js';

const AGE = '.age';

export interface CopyOrder {
  /** Directory of the dumps. */
  directory: string;
  file: string;
  /** Public keys to encrypt to; null copies as it is. */
  encryptTo: readonly string[] | null;
  signal: AbortSignal;
  now(): Date;
  progress(bytes: number): void;
}

/**
 * Copies a dump and then its manifest to the second place, encrypted when keys are given, reads both back and compares
 * their SHA-256. A copy that is recorded already is not made again. Throws BACKUP_COPY_FAILED; the local files are only
 * read.
 */
export async function copyBackup(place: SecondPlace, order: CopyOrder): Promise<CopyRecord> {
  const known = await copyRecordOf(order.directory, order.file);
  if (known?.place === place.name && known.encrypted === (order.encryptTo !== null)) return known;
  const files: CopyRecord['files'] = [];
  for (const name of [order.file, manifestName(order.file)]) files.push(await copyOne(place, order, name));
  const record: CopyRecord = {
    place: place.name,
    encrypted: order.encryptTo !== null,
    copiedAt: order.now().toISOString(),
    files,
  };
  await writeFileAtomic(join(order.directory, copyRecordName(order.file)), `${JSON.stringify(record, null, 2)}\n`, {
    mode: 0o600,
  });
  return record;
}

/** The record of a backup's copy, or null when there is none that can be read. */
export async function copyRecordOf(directory: string, file: string): Promise<CopyRecord | null> {
  const text = await readRegular(join(directory, copyRecordName(file))).catch(() => '');
  try {
    return copyRecordSchema.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}

/**
 * Deletes the copies that the policy lets go, manifest first. What counts as whole there is a dump with its manifest,
 * for both were read back when they were written.
 */
export async function pruneCopies(place: SecondPlace, policy: KeepPolicy): Promise<string[]> {
  const names = await place.list();
  const dumps = names.filter((name) => instantOfName(plain(name)) !== null);
  const suffix = (dump: string) => (dump.endsWith(AGE) ? AGE : '');
  const sidecar = (dump: string) => `${manifestName(plain(dump))}${suffix(dump)}`;
  const deleted = backupsToDelete(
    dumps.map((dump) => ({
      file: dump,
      takenAt: instantOfName(plain(dump)) ?? '',
      verified: names.includes(sidecar(dump)),
    })),
    policy,
  );
  for (const dump of deleted) {
    await place.remove(sidecar(dump));
    await place.remove(dump);
  }
  return deleted;
}

const plain = (name: string): string => (name.endsWith(AGE) ? name.slice(0, -AGE.length) : name);

async function copyOne(
  place: SecondPlace,
  { directory, file, encryptTo, signal, progress }: CopyOrder,
  source: string,
): Promise<CopyRecord['files'][number]> {
  const path = join(directory, source);
  const { size } = await stat(path);
  const { content, bytes } = encryptTo
    ? await encrypted(path, size, encryptTo)
    : { content: createReadStream(path), bytes: size };
  const name = encryptTo ? `${source}${AGE}` : source;
  const hash = createHash('sha256');
  let sent = 0;
  const tap = new Transform({
    transform(piece: Buffer, _encoding, done) {
      hash.update(piece);
      sent += piece.length;
      if (source === file) progress(sent);
      done(null, piece);
    },
  });
  content.on('error', (error: Error) => tap.destroy(error));
  try {
    await place.put(name, content.pipe(tap), bytes, signal);
    const sha256 = hash.digest('hex');
    const found = await sha256Of(await place.get(name, signal));
    if (found !== sha256)
      throw copyFailed(place.name, `${name} reads back with SHA-256 ${found}, it was written with ${sha256}`);
    return { name, bytes, sha256 };
  } catch (error) {
    signal.throwIfAborted();
    throw error instanceof OpsError ? error : copyFailed(place.name, (error as Error).message, error);
  } finally {
    content.destroy();
  }
}

async function encrypted(
  path: string,
  size: number,
  keys: readonly string[],
): Promise<{ content: Readable; bytes: number }> {
  const { Encrypter } = await import('age-encryption');
  const encrypter = new Encrypter();
  for (const key of keys) encrypter.addRecipient(key);
  const stream = await encrypter.encrypt(
    Readable.toWeb(createReadStream(path)) as unknown as globalThis.ReadableStream<Uint8Array>,
  );
  return { content: Readable.fromWeb(stream as unknown as ReadableStream), bytes: stream.size(size) };
}

async function sha256Of(content: Readable): Promise<Sha256> {
  const hash = createHash('sha256');
  for await (const piece of content) hash.update(piece as Buffer);
  return hash.digest('hex');
}
