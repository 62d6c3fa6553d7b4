import { createHash, createPublicKey, verify } from 'node:crypto';
import { refusal, type OpsError } from '../errors.js';
import { canonicalJson, contentHash } from '../hash.js';
import { bounded } from '../text.js';
import type { Instant, Sha256 } from '../types.js';
import {
  isSignature,
  type Act,
  type Attestation,
  type Recorded,
  type SignatureCode,
  type Signed,
} from './attestation.js';
import { ANY_OPERATOR, fingerprintOf, type KeyLine, type Keyring } from './keys.js';
import { faultOfAnswer } from './passkey.js';

/** A signature's no, with what to do about it. */
export const unsigned = (code: SignatureCode, message: string): OpsError =>
  refusal(code, message, { remedy: 'nothing was stored: ask again with the command, which signs what it sends' });

/** SHA-256 over the canonical JSON of a statement: what a key signs, and what the statement is known by. */
export const attestationHash = (attestation: Attestation): Sha256 => contentHash(attestation);

/** The bytes that are signed: the SHA-256 of the statement. */
export const bytesToSign = (attestation: Attestation): Uint8Array =>
  createHash('sha256').update(canonicalJson(attestation)).digest();

/** What a signed statement is known by as a whole; the audit record of what it asked for carries it. */
export const signatureHash = ({ attestation, kind, key, signature }: Signed): Sha256 =>
  contentHash({ attestation, kind, key, signature });

/** Clocks of two machines may differ so much without anybody noticing. */
const SKEW_MS = 5 * 60_000;

/** What a signature is held against. */
export interface Claim {
  /** Who is said to ask. */
  operator: string;
  /** What it is about, as far as it is known yet: what is left out is not compared. */
  act: Partial<Act>;
  /**
   * When it counts: now, where something is booked. Left out for what was booked before: then when it was recorded,
   * and at the earliest the instant of the statement.
   */
  at?: Instant;
}

/**
 * Whether somebody who may has signed this very thing, as pure arithmetic: null when it is so, else why not.
 *
 * A key signs from its line's `from` until its `until`, both at the instant of the statement and at the one that
 * counts, so that one that has ended verifies what it signed and signs nothing more. From the moment on which a person
 * has a key of their own, the installation's signs nothing in that name. A statement may be dated back by whoever makes
 * it: the instant that counts is never the sender's alone.
 */
export function faultOfSignature(signed: Recorded | null, claim: Claim, keyring: Keyring): OpsError | null {
  const { operator, act } = claim;
  if (signed === null)
    return unsigned('SIGNATURE_MISSING', `nobody signed the ${act.purpose ?? 'message'} of ${bounded(operator)}`);
  const { attestation } = signed;
  return (
    faultOfPlace(attestation, claim, installationsOf(keyring)) ??
    faultOfKey(signed, keyring, claim.at ?? countedFrom(signed)) ??
    faultOfTime(attestation, claim.at) ??
    faultOfProof(signed, keyring) ??
    faultOfContent(attestation, act)
  );
}

function faultOfContent(
  { contentHash: signed, operator }: Attestation,
  { contentHash: sent }: Partial<Act>,
): OpsError | null {
  if (sent === undefined || sent === signed) return null;
  return unsigned(
    'SIGNATURE_INVALID',
    `what was sent is not what ${bounded(operator)} signed: its content has another hash`,
  );
}

/** When a stored signature counts from, as far as the clocks of two machines can tell. */
function countedFrom({ attestation, recordedAt }: Recorded): Instant {
  if (recordedAt === undefined) return attestation.at;
  const earliest = Date.parse(recordedAt) - SKEW_MS;
  return Date.parse(attestation.at) >= earliest ? attestation.at : new Date(earliest).toISOString();
}

/**
 * Whether a statement about what was in force may have been made while it was: at the latest, as far as the clocks of
 * two machines can tell, when the first statement was recorded by which something else took its place.
 * @param after the signatures of what took its place; without one nobody can tell when that was
 */
export function signedWhileInForce({ attestation }: Signed, after: readonly Recorded[]): boolean {
  const recorded = after.flatMap(({ recordedAt }) => (recordedAt === undefined ? [] : Date.parse(recordedAt)));
  return recorded.length > 0 && Date.parse(attestation.at) <= Math.min(...recorded) + SKEW_MS;
}

const nameOf = ({ key }: Pick<Signed, 'key'>): string => `key ${fingerprintOf(key)}`;

/** Those of the signatures that count for this very thing. */
const counting = (signatures: readonly Recorded[], act: Act, keyring: Keyring): Recorded[] =>
  signatures.filter(
    (signed) => faultOfSignature(signed, { operator: signed.attestation.operator, act }, keyring) === null,
  );

/** Those whose signature of this very thing counts, each name once: a fact may be signed by several. */
export const signersOf = (signatures: readonly Recorded[], act: Act, keyring: Keyring): string[] => [
  ...new Set(counting(signatures, act, keyring).map(({ attestation }) => attestation.operator)),
];

/** The same of those who signed with a key of their own. */
export const ownSignersOf = (signatures: readonly Recorded[], act: Act, keyring: Keyring): string[] =>
  signersOf(signatures.filter(isOwn), act, keyring);

const isOwn = ({ kind }: Pick<Signed, 'kind'>): boolean => kind !== 'installation';

/**
 * How many people have signed: names apart, with keys apart, each with a key of their own. Whoever sits at the machine
 * has its key, whatever name they type, and may have one of their own besides: theirs is one person at the most.
 * @param byOwnKeys false counts the machine's key as one more person, as tickets were decided before
 */
export function peopleOf(signatures: readonly Recorded[], act: Act, keyring: Keyring, byOwnKeys = true): number {
  const found = counting(signatures, act, keyring);
  const counted = byOwnKeys ? found.filter(isOwn) : found;
  const people = Math.min(
    new Set(counted.map(({ attestation }) => attestation.operator)).size,
    new Set(counted.map(({ key }) => key)).size,
  );
  return Math.max(people, Math.min(found.length, 1));
}

/** Whether the key is one that the files know, of whoever signs, and in force at both instants. */
function faultOfKey({ attestation, kind, key }: Signed, { own, lines }: Keyring, at: Instant): OpsError | null {
  const { operator } = attestation;
  const line = lines.find(({ publicKey }) => publicKey === key);
  if (kind === 'installation') {
    const isOwn = key === own.publicKey;
    if (!isOwn && line?.kind !== 'installation')
      return unsigned(
        'SIGNATURE_INVALID',
        `key ${fingerprintOf(key)} is of no installation that the files of this one name`,
      );
    const personal = lines.find(
      (one) => one.operator === operator && (isBegun(one, attestation.at) || isBegun(one, at)),
    );
    if (personal)
      return unsigned(
        'SIGNATURE_OF_ANOTHER',
        `${bounded(operator)} has a key of their own since ${personal.from}: the installation's signs nothing ` +
          'in that name',
      );
    return isOwn || line === undefined ? null : faultOfSpan(line, attestation, at);
  }
  if (line === undefined || line.operator === ANY_OPERATOR)
    return unsigned('SIGNATURE_INVALID', `key ${fingerprintOf(key)} is not in operators.keys`);
  if (line.operator !== operator)
    return unsigned(
      'SIGNATURE_OF_ANOTHER',
      `key ${fingerprintOf(key)} is ${bounded(line.operator)}'s, not ${bounded(operator)}'s`,
    );
  if (line.kind !== kind)
    return unsigned('SIGNATURE_INVALID', `key ${fingerprintOf(key)} is of kind ${line.kind}, not ${kind}`);
  return faultOfSpan(line, attestation, at);
}

const isBegun = ({ from }: KeyLine, at: Instant): boolean => Date.parse(from) <= Date.parse(at);

function faultOfSpan(line: KeyLine, { at: signedAt }: Attestation, at: Instant): OpsError | null {
  const name = `key ${fingerprintOf(line.publicKey)} of ${bounded(line.operator)}`;
  if (!isBegun(line, signedAt))
    return unsigned('SIGNATURE_INVALID', `${name} signs from ${line.from} on, not at ${signedAt}`);
  const { until } = line;
  if (until === null || [signedAt, at].every((one) => Date.parse(one) < Date.parse(until))) return null;
  return unsigned('SIGNATURE_INVALID', `${name} ended at ${until}: it verifies what it signed, and signs nothing more`);
}

/** A statement comes from the past, give or take what two clocks may differ by. */
function faultOfTime({ at }: Attestation, now: Instant | undefined): OpsError | null {
  if (now === undefined || Date.parse(at) <= Date.parse(now) + SKEW_MS) return null;
  return unsigned('SIGNATURE_INVALID', `it was signed at ${at}, which is in the future: now it is ${now}`);
}

/** The installations whose statements count here: this one, and those that the key file names. */
const installationsOf = ({ own, lines }: Keyring): string[] => [
  own.installation,
  ...lines.flatMap(({ kind, host }) => (kind === 'installation' && host !== null ? [host] : [])),
];

/** Of what else, or of whom, the statement is. */
function faultOfPlace(signed: Attestation, { operator, act, at }: Claim, installations: string[]): OpsError | null {
  // What is new is said to this installation alone.
  const known = at === undefined ? installations : installations.slice(0, 1);
  const said: Named = { installation: signed.installation, operator: signed.operator, ...placeOf(signed) };
  const meant: Named = {
    installation: known.includes(signed.installation) ? signed.installation : known[0],
    operator,
    ...placeOf(act),
  };
  const what = Object.keys(meant).find((name) => meant[name] !== undefined && meant[name] !== said[name]);
  if (what === undefined) return null;
  const [was, is] = [said[what], meant[what]].map((text) => bounded(text ?? 'none'));
  return unsigned(
    'SIGNATURE_OF_ANOTHER',
    `the signature is of another thing: ${what}: ${was} was signed, this is ${is}`,
  );
}

type Named = Record<string, string | null | undefined>;

/** What a statement is of, by the names that people are told; what is left out of an act is undefined. */
const placeOf = ({ purpose, account, tradingDay, ticket, amends }: Partial<Act>): Named => ({
  purpose,
  account,
  'trading day': tradingDay,
  ticket: ticket === undefined ? undefined : (ticket?.id ?? null),
  'material of the ticket': ticket === undefined ? undefined : (ticket?.materialHash ?? null),
  'confirmation amended': amends,
});

/** Whether the key signed the statement. Anything that is no key or no signature has not. */
function faultOfProof(signed: Signed, { lines }: Keyring): OpsError | null {
  const { attestation, kind, key, signature } = signed;
  if (kind !== 'passkey')
    return verifies(signed)
      ? null
      : unsigned('SIGNATURE_INVALID', `the statement is not what ${nameOf(signed)} signed`);
  const host = lines.find(({ publicKey }) => publicKey === key)?.host ?? '';
  const fault = faultOfAnswer(signature, { challenge: bytesToSign(attestation), publicKey: key, host });
  if (fault === null) return null;
  return unsigned('SIGNATURE_INVALID', `the statement is not what ${nameOf(signed)} signed: ${fault}`);
}

function verifies({ attestation, key, signature }: Signed): boolean {
  if (!isSignature(signature)) return false;
  try {
    const publicKey = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: key }, format: 'jwk' });
    return verify(null, bytesToSign(attestation), publicKey, bytesOfHex(signature));
  } catch {
    return false;
  }
}

const bytesOfHex = (hex: string): Uint8Array =>
  Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
