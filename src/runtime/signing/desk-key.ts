import { hkdfSync, type KeyObject } from 'node:crypto';
import type { SealKey } from '../../domain/signing/seal.js';
import { installationSigningKey } from './installation-key.js';

/** What the derived key is for, in whatever version: another use gets another text. */
const USE = 'trading-ops: what the desk keeps of whoever it lets in, 1';

/**
 * The key that seals what the desk keeps, derived (HKDF, RFC 5869, SHA-256) from the private half of the installation's
 * key: whoever has the database alone cannot make it, and it says nothing of the key that signs.
 * @throws OpsError SIGNING_KEY_MISSING, SIGNING_KEY_BAD
 */
export function deskSealKey(dataDir: string): SealKey {
  const { privateKey } = installationSigningKey(dataDir);
  const known = derived.get(privateKey);
  if (known) return known;
  const secret = privateKey.export({ format: 'der', type: 'pkcs8' });
  const key = new Uint8Array(hkdfSync('sha256', secret, new Uint8Array(), USE, 32));
  derived.set(privateKey, key);
  return key;
}

const derived = new WeakMap<KeyObject, SealKey>();
