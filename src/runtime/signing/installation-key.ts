import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { faultError, refusal } from '../../domain/errors.js';
import { readRegularSync } from '../../files/regular.js';
import { makeSecret } from '../../files/secret.js';
import { unreadable } from '../../files/unreadable.js';
import { INSTALLATION_KEY_FILE, installationId, type InstallationKey } from '../../domain/signing/keys.js';

/** The private half: only the commands (and the desk) read it, never the worker. */
const PRIVATE_FILE = 'keys/installation.key';

/** A key that signs, with its public half. */
export interface SigningKey {
  privateKey: KeyObject;
  publicKey: string;
}

/** The public half of a key as it is written down: 32 bytes in base64url. */
export const publicHalf = (key: KeyObject): string => String(createPublicKey(key).export({ format: 'jwk' }).x);

/**
 * Makes the installation's key where it has none: the private half readable by its owner alone. One that is there
 * stays, whoever asks at the same moment.
 * @returns the public half
 */
export async function ensureInstallationKey(dataDir: string): Promise<InstallationKey> {
  const publicFile = join(dataDir, INSTALLATION_KEY_FILE);
  const known = readInstallationKey(dataDir);
  if (known) return known;
  const privateFile = join(dataDir, PRIVATE_FILE);
  mkdirSync(dirname(publicFile), { recursive: true });
  chmodSync(dirname(publicFile), 0o711);
  if (!existsSync(privateFile)) makePrivateHalf(privateFile);
  const { publicKey } = readPrivateHalf(privateFile);
  const key = { installation: installationId(publicKey), publicKey };
  await writeFileAtomic(publicFile, `${JSON.stringify(key, null, 2)}\n`, { mode: 0o644 });
  return key;
}

/** The public half; null where there is none yet. */
export function readInstallationKey(dataDir: string): InstallationKey | null {
  const file = join(dataDir, INSTALLATION_KEY_FILE);
  if (!existsSync(file)) return null;
  return JSON.parse(keyText(file)) as InstallationKey;
}

/** The whole key, to sign with. @throws OpsError SIGNING_KEY_MISSING, SIGNING_KEY_BAD */
export function installationSigningKey(dataDir: string): SigningKey {
  const file = join(dataDir, PRIVATE_FILE);
  if (!existsSync(file))
    throw refusal('SIGNING_KEY_MISSING', `${file}: the private half of this installation's key is not here`, {
      remedy: 'make up, or trading-ops migrate: both make a key where there is none',
    });
  return readPrivateHalf(file);
}

const makePrivateHalf = (file: string): void =>
  makeSecret(file, generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' }));

/** The key of the text that was read last: a desk is asked for it with each page, and it takes as long as a query. */
let made: { text: string; key: SigningKey } | undefined;

/** The file is read each time, for it may be another. */
function readPrivateHalf(file: string): SigningKey {
  const text = keyText(file);
  if (made?.text !== text) made = { text, key: keyOf(text, file) };
  return made.key;
}

function keyOf(text: string, file: string): SigningKey {
  try {
    const privateKey = createPrivateKey(text);
    if (privateKey.asymmetricKeyType === 'ed25519') return { privateKey, publicKey: publicHalf(privateKey) };
  } catch (cause) {
    throw keyBad(file, cause);
  }
  throw keyBad(file);
}

/** The text of a key's file. @throws OpsError CONFIG_UNREADABLE, MACHINE_EXHAUSTED */
export function keyText(file: string): string {
  try {
    return readRegularSync(file);
  } catch (cause) {
    throw unreadable(file, cause, 'let this user read the file, or restore the folder keys from a copy');
  }
}

const keyBad = (file: string, cause?: unknown) =>
  faultError('SIGNING_KEY_BAD', `${file} is not the private half of an installation's key`, {
    cause,
    remedy:
      'restore the folder keys from a copy, or move it aside and type make up: older signatures then need the key approved',
  });
