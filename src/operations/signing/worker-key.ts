import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { faultError } from '../../domain/errors.js';
import type { SealKey } from '../../domain/signing/seal.js';
import { readRegularSync } from '../../files/regular.js';
import { makeSecret } from '../../files/secret.js';
import { unreadable } from '../../files/unreadable.js';

/** Where the worker may write in a container too; the directory of the installation's key is none of its. */
const FILE = path.join('data', 'worker.key');
const BYTES = 32;

/** The key that was read last: it is asked for with each run. */
let last: { text: string; key: SealKey } | undefined;

/**
 * The secret by which the worker seals what it reckons; null where there is none yet.
 * @throws OpsError SIGNING_KEY_BAD, CONFIG_UNREADABLE, MACHINE_EXHAUSTED
 */
export function workerSealKey(dataDir: string): SealKey | null {
  const file = path.join(dataDir, FILE);
  const text = textOf(file);
  if (text === null) return null;
  if (last?.text !== text) last = { text, key: keyOf(text, file) };
  return last.key;
}

/** The same, made where there is none: readable by its owner alone. Two at once have one. */
export function ensureWorkerSealKey(dataDir: string): SealKey {
  const known = workerSealKey(dataDir);
  if (known) return known;
  const file = path.join(dataDir, FILE);
  mkdirSync(path.dirname(file), { recursive: true });
  makeSecret(file, randomBytes(BYTES).toString('base64url'));
  return workerSealKey(dataDir) as SealKey;
}

function keyOf(text: string, file: string): SealKey {
  const key = Buffer.from(text.trim(), 'base64url');
  if (key.length === BYTES) return new Uint8Array(key);
  throw faultError('SIGNING_KEY_BAD', `${file}: is no key of ${BYTES} bytes`, {
    remedy: 'put the file back as it was; without it the worker makes another, and what it sealed before is not proved',
  });
}

function textOf(file: string): string | null {
  try {
    return readRegularSync(file);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw unreadable(file, cause, 'make it a file that the user of the program reads, as it was');
  }
}
