import { createHash, createPublicKey, verify } from 'node:crypto';
import { base64url, bytesOf } from '../base64url.js';
import { isPasskeyAnswer } from './attestation.js';
import { originAt, relyingParty } from './passkey-host.js';

/*
 * What an authenticator answers (WebAuthn level 3, sections 6.1, 7.1 and 7.2), held against what it was asked, as pure
 * arithmetic over bytes. Nobody here is asked for an attestation of the device: a passkey counts because a person
 * compared its fingerprint.
 */

/** What an answer is held against. */
export interface Asked {
  /** What was to be signed: 32 bytes. */
  challenge: Uint8Array;
  /** Host with port of the page that asked. */
  host: string;
}

/** What an authenticator says of itself, before anything of a credential. */
const HEAD_BYTES = 37;
/** Its flags: somebody was there, they proved who they are, the key may be copied, it is, a new credential follows. */
const FLAG = { present: 0x01, verified: 0x04, copyable: 0x08, copied: 0x10, credential: 0x40 } as const;

/**
 * Why the answer of a passkey to a challenge does not count; null when it does.
 * @param answer `authenticatorData.clientDataJSON.signature`, each in base64url.
 * @param asked publicKey: `x.y`, of P-256.
 */
export function faultOfAnswer(answer: string, { publicKey, ...asked }: Asked & { publicKey: string }): string | null {
  if (!isPasskeyAnswer(answer)) return 'it has not the shape of an answer';
  const [authenticator, client, signature] = answer.split('.').map(bytesOf) as [Uint8Array, Uint8Array, Uint8Array];
  const fault = faultOfClient(client, 'webauthn.get', asked) ?? faultOfAuthenticator(authenticator, asked.host);
  if (fault !== null) return fault;
  const said = new Uint8Array([...authenticator, ...createHash('sha256').update(client).digest()]);
  return isSignedBy(publicKey, said, signature) ? null : 'the signature is of another key, or of something else';
}

/** A new passkey, as an authenticator gives it. */
export interface NewPasskey {
  publicKey: string;
  /** What browsers know it by, in base64url. */
  credentialId: string;
}

/**
 * The passkey that was made when a page of the host asked for one, or why it is none.
 * @param registration `authenticatorData.clientDataJSON`, each in base64url.
 */
export function readRegistration(registration: string, asked: Asked): { passkey: NewPasskey } | { fault: string } {
  const [authenticator, client] = registration.split('.', 2).map(bytesOf) as [Uint8Array, Uint8Array];
  const fault = faultOfClient(client, 'webauthn.create', asked) ?? faultOfAuthenticator(authenticator, asked.host);
  if (fault !== null) return { fault };
  const passkey = credentialIn(authenticator);
  return passkey === null ? { fault: 'it holds no key of P-256 (ES256)' } : { passkey };
}

/** What the browser says of the page that asked. */
function faultOfClient(bytes: Uint8Array, type: string, { challenge, host }: Asked): string | null {
  const said = objectOf(bytes);
  if (said === null) return 'what the browser says is not JSON';
  if (said['type'] !== type) return `it is no answer to ${type}`;
  if (said['challenge'] !== base64url(challenge)) return 'it answers another question';
  if (said['origin'] !== originAt(host)) return `it was asked for by a page of another origin than ${originAt(host)}`;
  if (said['crossOrigin'] === true || said['topOrigin'] !== undefined) return 'it was asked for within another page';
  return null;
}

/** What the authenticator says of whoever holds it. */
function faultOfAuthenticator(bytes: Uint8Array, host: string): string | null {
  const flags = bytes[32];
  if (flags === undefined || bytes.length < HEAD_BYTES) return 'what the authenticator says is too short';
  const name = createHash('sha256').update(relyingParty(host)).digest();
  if (!name.every((byte, at) => byte === bytes[at])) return `it belongs to another name than ${relyingParty(host)}`;
  if ((flags & FLAG.present) === 0) return 'nobody was there';
  if ((flags & FLAG.verified) === 0) return 'whoever was there did not prove who they are';
  if ((flags & FLAG.copied) !== 0 && (flags & FLAG.copyable) === 0) return 'its flags contradict each other';
  return null;
}

/** Before the id of a credential: the model of the authenticator, and the length of the id. */
const MODEL_BYTES = 16;
/** The one spelling of a key for ES256 (CTAP2 canonical CBOR): kty EC2, alg ES256, crv P-256, x and y of 32 bytes. */
const BEFORE_X = [0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20];
const BEFORE_Y = [0x22, 0x58, 0x20];
const COORDINATE_BYTES = 32;

function credentialIn(bytes: Uint8Array): NewPasskey | null {
  if (((bytes[32] ?? 0) & FLAG.credential) === 0) return null;
  const start = HEAD_BYTES + MODEL_BYTES + 2;
  const length = ((bytes[start - 2] ?? 0) << 8) + (bytes[start - 1] ?? 0);
  const x = start + length + BEFORE_X.length;
  const y = x + COORDINATE_BYTES + BEFORE_Y.length;
  if (length === 0 || bytes.length < y + COORDINATE_BYTES) return null;
  if (!holds(bytes, start + length, BEFORE_X) || !holds(bytes, x + COORDINATE_BYTES, BEFORE_Y)) return null;
  const [first, second] = [x, y].map((at) => base64url(bytes.slice(at, at + COORDINATE_BYTES)));
  const publicKey = `${first}.${second}`;
  return keyOf(publicKey) && { publicKey, credentialId: base64url(bytes.slice(start, start + length)) };
}

const holds = (bytes: Uint8Array, at: number, expected: readonly number[]): boolean =>
  expected.every((byte, index) => bytes[at + index] === byte);

function isSignedBy(publicKey: string, said: Uint8Array, signature: Uint8Array): boolean {
  const key = keyOf(publicKey);
  try {
    return key !== null && verify('sha256', said, key, signature);
  } catch {
    return false;
  }
}

/** The key of two coordinates; null for what is no point of the curve. */
function keyOf(publicKey: string) {
  const [x = '', y = ''] = publicKey.split('.');
  try {
    return createPublicKey({ key: { kty: 'EC', crv: 'P-256', x, y }, format: 'jwk' });
  } catch {
    return null;
  }
}

function objectOf(bytes: Uint8Array): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
