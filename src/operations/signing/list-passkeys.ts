import { passkeysMade } from '../../db/desk-passkeys.js';
import type { Db } from '../../db/connect.js';
import { offeredSince } from '../../domain/signing/asking.js';
import { fingerprintOf, type KeyLine } from '../../domain/signing/keys.js';
import type { Instant } from '../../domain/types.js';
import type { PasskeyAsker } from './ask-passkey.js';
import { keyLines, type KeyOffered } from './operator-keys.js';
import type { SigningPlace } from './place.js';

/** Passkeys that were made on the desk and wait to be approved, the newest first. */
export async function passkeysOffered(db: Db, lines: readonly KeyLine[], now: Instant): Promise<KeyOffered[]> {
  const since = Date.parse(offeredSince(now));
  const known = new Set(lines.map(({ publicKey }) => publicKey));
  return (await passkeysMade(db))
    .filter(({ publicKey, madeAt }) => !known.has(publicKey) && Date.parse(madeAt) >= since)
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
  place: SigningPlace,
  { operator }: Pick<PasskeyAsker, 'operator'>,
): Promise<OwnPasskey[]> {
  const lines = await keyLines(place.configDir);
  const offered = await passkeysOffered(place.db, lines, place.now());
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
