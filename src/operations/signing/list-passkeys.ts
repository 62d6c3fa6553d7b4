import { passkeysMade, type StoredPasskey } from '../../db/desk-passkeys.js';
import type { Db } from '../../db/connect.js';
import { isOfferedYet } from '../../domain/signing/asking.js';
import { fingerprintOf, type KeyLine } from '../../domain/signing/keys.js';
import { isSealed, sealOf, type SealKey, type SealPlace } from '../../domain/signing/seal.js';
import type { Instant } from '../../domain/types.js';
import type { AskingPlace, PasskeyAsker } from './ask-passkey.js';
import { keyLines, type KeyOffered } from './operator-keys.js';

type PasskeyFacts = Omit<StoredPasskey, 'seal'>;

const factsOf = ({ publicKey, credentialId, operator, host, label, madeAt }: PasskeyFacts): PasskeyFacts => ({
  publicKey,
  credentialId,
  operator,
  host,
  label,
  madeAt,
});

/** A passkey with its seal: whoever approves it approves what was made on the desk, in the name that made it. */
export const sealedPasskey = (key: SealKey, facts: PasskeyFacts): StoredPasskey => ({
  ...facts,
  seal: sealOf(key, 'passkey', factsOf(facts)),
});

/** Passkeys that were made on the desk, as they were made, and wait to be approved, the newest first. */
export async function passkeysOffered(
  { db, now: clock, sealKey }: { db: Db; now(): Instant } & SealPlace,
  lines: readonly KeyLine[],
): Promise<KeyOffered[]> {
  const at = clock();
  const known = new Set(lines.map(({ publicKey }) => publicKey));
  return (await passkeysMade(db))
    .filter(({ publicKey, madeAt }) => !known.has(publicKey) && isOfferedYet(madeAt, at))
    .filter((passkey) => isSealed(sealKey(), 'passkey', factsOf(passkey), passkey.seal))
    .map(({ operator, publicKey, host, label }) => ({ kind: 'passkey', operator, publicKey, host, label }));
}

/** A passkey of somebody, as they are shown it. */
export interface OwnPasskey {
  fingerprint: string;
  host: string;
  label: string;
  /** Since when it signs; null while it waits to be approved. */
  from: Instant | null;
  until: Instant | null;
}

/** The passkeys of an operator, of every host: those that have a line, and those that wait for one. */
export async function ownPasskeys(
  place: AskingPlace,
  { operator }: Pick<PasskeyAsker, 'operator'>,
): Promise<OwnPasskey[]> {
  const lines = await keyLines(place.configDir);
  const offered = await passkeysOffered(place, lines);
  return [...lines, ...offered.map((one) => ({ ...one, from: null, until: null }))]
    .filter((one) => one.operator === operator && one.kind === 'passkey')
    .map(({ publicKey, host, label, from, until }) => ({
      fingerprint: fingerprintOf(publicKey),
      host: host ?? '',
      label,
      from,
      until,
    }));
}
