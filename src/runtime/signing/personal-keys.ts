import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { faultError, refusal, usageError } from '../../domain/errors.js';
import { isPublicKey } from '../../domain/signing/attestation.js';
import { fingerprintOf } from '../../domain/signing/keys.js';
import { readRegularSync } from '../../files/regular.js';
import { keyText, publicHalf, type SigningKey } from './installation-key.js';

/** Where the key files of people lie, below the data directory, unless the environment names another folder. */
export const personalKeysDir = (dataDir: string, env: NodeJS.ProcessEnv = process.env): string =>
  env['TRADING_OPS_KEYS'] || join(dataDir, 'keys');

/** The public half of a key file that waits to be approved, or was. */
export interface KeyMade {
  operator: string;
  publicKey: string;
  label: string;
}

const madeSchema: z.ZodType<KeyMade> = z.object({
  operator: z.string(),
  publicKey: z.string().refine(isPublicKey),
  label: z.string(),
});

const privateFile = (dir: string, publicKey: string): string => join(dir, `${fingerprintOf(publicKey)}.key`);

/**
 * Makes a person's key: its private half in a file that only its owner reads, and only with the passphrase; its public
 * half beside it.
 * @returns the file of the private half
 */
export function makePersonalKey(
  dir: string,
  { operator, label }: Omit<KeyMade, 'publicKey'>,
  passphrase: string,
): { made: KeyMade; file: string } {
  const { privateKey } = generateKeyPairSync('ed25519');
  const made = { operator, publicKey: publicHalf(privateKey), label };
  const pem = privateKey.export({ format: 'pem', type: 'pkcs8', cipher: 'aes-256-cbc', passphrase });
  const file = privateFile(dir, made.publicKey);
  mkdirSync(dir, { recursive: true });
  writeFileSync(file, pem, { mode: 0o600, flag: 'wx' });
  writeFileSync(`${file}.pub`, `${JSON.stringify(made, null, 2)}\n`, { mode: 0o644 });
  return { made, file };
}

/** Every key whose public half lies in the folder. */
export function personalKeysMade(dir: string): KeyMade[] {
  const files = existsSync(dir) ? readdirSync(dir).filter((name) => name.endsWith('.key.pub')) : [];
  return files.flatMap((name) => {
    const parsed = madeSchema.safeParse(jsonOf(textOrEmpty(join(dir, name))));
    return parsed.success ? [parsed.data] : [];
  });
}

/** Whether the private half of a key lies in the folder. */
export const hasPersonalKey = (dir: string, publicKey: string): boolean => existsSync(privateFile(dir, publicKey));

/** A person's key, opened with its passphrase. @throws OpsError KEY_NOT_HERE, PASSPHRASE_WRONG, SIGNING_KEY_BAD */
export function openPersonalKey(dir: string, publicKey: string, passphrase: string): SigningKey {
  const file = privateFile(dir, publicKey);
  if (!existsSync(file))
    throw refusal('KEY_NOT_HERE', `key ${fingerprintOf(publicKey)} is not in ${dir}: nobody can sign with it here`, {
      remedy: 'set TRADING_OPS_KEYS to the folder that has it, or make one here: trading-ops operator key new',
    });
  const key = unlocked(file, passphrase);
  if (publicHalf(key) === publicKey) return { privateKey: key, publicKey };
  throw faultError('SIGNING_KEY_BAD', `${file} holds another key than its name says`, {
    remedy: 'restore the file from a copy',
  });
}

function unlocked(file: string, passphrase: string) {
  const text = keyText(file);
  try {
    return createPrivateKey({ key: text, passphrase });
  } catch (cause) {
    throw usageError('PASSPHRASE_WRONG', `passphrase: (not shown): does not open ${file}`, {
      cause,
      remedy: 'type it again; a passphrase that is lost cannot be found: end the key and make a new one',
    });
  }
}

/** What cannot be read offers no key, and hides none of the others. */
function textOrEmpty(file: string): string {
  try {
    return readRegularSync(file);
  } catch {
    return '';
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
