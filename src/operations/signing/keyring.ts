import path from 'node:path';
import { z } from 'zod';
import { faultError, refusal } from '../../domain/errors.js';
import { uuidShape } from '../../domain/shapes.js';
import { isPublicKey } from '../../domain/signing/attestation.js';
import {
  INSTALLATION_KEY_FILE,
  OPERATORS_KEYS_FILE,
  parseKeys,
  type InstallationKey,
  type KeyLine,
  type Keyring,
} from '../../domain/signing/keys.js';
import { readRegular } from '../../files/regular.js';
import { unreadable } from '../../files/unreadable.js';
import type { SigningPlace } from './place.js';

const installationSchema: z.ZodType<InstallationKey> = z.object({
  installation: uuidShape(),
  publicKey: z.string().refine(isPublicKey, 'must be a public key of ed25519'),
});

/** What was read last: both files change rarely, and everything that is asked for reads them. */
let lastRead: { texts: readonly (string | null)[]; keyring: Keyring } | null = null;

/**
 * The keys that signatures are held against, as the files say at this moment; a key file of people that is missing has
 * none.
 * @throws OpsError SIGNING_KEY_MISSING, KEYS_INVALID, CONFIG_UNREADABLE, MACHINE_EXHAUSTED
 */
export async function readKeyring({
  dataDir,
  configDir,
}: Pick<SigningPlace, 'dataDir' | 'configDir'>): Promise<Keyring> {
  const ownFile = path.join(dataDir, INSTALLATION_KEY_FILE);
  const keysFile = path.join(configDir, OPERATORS_KEYS_FILE);
  const [own, keys] = await Promise.all([textOf(ownFile), textOf(keysFile)]);
  const texts = [ownFile, own, keysFile, keys];
  if (lastRead?.texts.every((text, index) => text === texts[index])) return lastRead.keyring;
  const keyring = { own: ownOf(own, ownFile), lines: linesOf(keys, keysFile) };
  lastRead = { texts, keyring };
  return keyring;
}

/** The text of a file; null where there is none. */
async function textOf(file: string): Promise<string | null> {
  try {
    return await readRegular(file);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw unreadable(file, cause, 'let this user read the file');
  }
}

function ownOf(text: string | null, file: string): InstallationKey {
  if (text === null)
    throw refusal('SIGNING_KEY_MISSING', `${file}: this installation has no key yet, so nothing can be signed`, {
      remedy: 'make up, or trading-ops migrate: both make it',
    });
  const parsed = installationSchema.safeParse(jsonOf(text));
  if (parsed.success) return parsed.data;
  throw faultError('SIGNING_KEY_BAD', `${file} is not the public half of an installation's key`, {
    remedy: 'restore the folder keys from a copy',
  });
}

const linesOf = (text: string | null, file: string): KeyLine[] => (text === null ? [] : parseKeys(text, file));

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
