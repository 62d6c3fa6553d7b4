import { passkeysMade } from '../../db/desk-passkeys.js';
import type { KeyLine, Keyring } from '../../domain/signing/keys.js';
import type { Instant } from '../../domain/types.js';
import type { PasskeyAsker } from './ask-passkey.js';
import { readKeyring } from './keyring.js';
import type { SigningPlace } from './place.js';

/** With what an operator signs on a page of the desk. */
export type SignsBy =
  /** They have no key of their own. */
  | { by: 'installation' }
  /** Passkeys of this host that are in force. */
  | { by: 'passkey'; keys: KeyLine[] }
  /** Their keys are files, of another host, or have ended: not on this page. */
  | { by: 'elsewhere' };

/** With what this operator signs at this host, now. @throws OpsError SIGNING_KEY_MISSING, KEYS_INVALID */
export const signsBy = async (place: SigningPlace, asker: Pick<PasskeyAsker, 'operator' | 'host'>): Promise<SignsBy> =>
  signsByKeys(await readKeyring(place), asker, place.now());

/** The same of keys that are at hand. */
export function signsByKeys(
  { lines }: Keyring,
  { operator, host }: Pick<PasskeyAsker, 'operator' | 'host'>,
  now: Instant,
): SignsBy {
  const theirs = lines.filter((line) => line.operator === operator);
  if (theirs.length === 0) return { by: 'installation' };
  const isInForce = ({ until }: KeyLine) => until === null || Date.parse(until) > Date.parse(now);
  const keys = theirs.filter((line) => line.kind === 'passkey' && line.host === host && isInForce(line));
  return keys.length === 0 ? { by: 'elsewhere' } : { by: 'passkey', keys };
}

/**
 * What a browser knows these passkeys by. Where the database has forgotten one, none is named, and the browser offers
 * every passkey of the host.
 */
export async function credentialsOf({ db }: Pick<SigningPlace, 'db'>, keys: readonly KeyLine[]): Promise<string[]> {
  const made = new Map((await passkeysMade(db)).map(({ publicKey, credentialId }) => [publicKey, credentialId]));
  const known = keys.map(({ publicKey }) => made.get(publicKey));
  return known.every((id) => id !== undefined) ? known : [];
}
