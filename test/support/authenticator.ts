import { createHash, generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';
import type { Signer } from '../../src/contract/asker.js';
import { stated } from '../../src/domain/signing/attestation.js';
import { bytesToSign } from '../../src/domain/signing/verify.js';

/*
 * An authenticator in software: it answers as WebAuthn says, and where a test wants it, as no honest one would.
 */

/** What a test may have otherwise than an honest authenticator and browser. */
export interface Otherwise {
  type?: string;
  origin?: string;
  /** The name whose hash is in the answer. */
  name?: string;
  flags?: number;
  challenge?: Uint8Array;
  client?: object;
  /** What the authenticator says in the place of what it would. */
  said?: (bytes: Buffer) => Buffer;
}

/** A passkey of a host. */
export interface SoftPasskey {
  privateKey: KeyObject;
  /** `x.y` in base64url. */
  publicKey: string;
  credentialId: string;
  host: string;
}

export const base64url = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url');
const sha256 = (bytes: Uint8Array | string): Buffer => createHash('sha256').update(bytes).digest();

/** Somebody was there and proved who they are; with a new key, its credential follows. */
export const FLAGS = { get: 0x05, create: 0x45 } as const;

const originOf = (host: string): string => `${host.startsWith('localhost') ? 'http' : 'https'}://${host}`;

/** Makes one. */
export function newPasskey(host: string): SoftPasskey {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { x, y } = publicKey.export({ format: 'jwk' });
  return { privateKey, publicKey: `${x}.${y}`, credentialId: base64url(randomBytes(16)), host };
}

/** What it and its browser say when a page asks for a new key: `authenticatorData.clientDataJSON`. */
export function registers(passkey: SoftPasskey, challenge: Uint8Array, otherwise: Otherwise = {}): string {
  const [x = '', y = ''] = passkey.publicKey.split('.');
  const id = Buffer.from(passkey.credentialId, 'base64url');
  const credential = Buffer.concat([
    Buffer.alloc(16),
    Buffer.from([id.length >> 8, id.length & 0xff]),
    id,
    Buffer.from('a5010203262001215820', 'hex'),
    Buffer.from(x, 'base64url'),
    Buffer.from('225820', 'hex'),
    Buffer.from(y, 'base64url'),
  ]);
  const { said = (bytes: Buffer) => bytes } = otherwise;
  const head = headOf(passkey, { flags: FLAGS.create, ...otherwise });
  const client = clientOf(passkey, challenge, { type: 'webauthn.create', ...otherwise });
  return [said(Buffer.concat([head, credential])), client].map(base64url).join('.');
}

/** What it and its browser answer to a challenge: `authenticatorData.clientDataJSON.signature`. */
export function answers(passkey: SoftPasskey, challenge: Uint8Array, otherwise: Otherwise = {}): string {
  const { said = (bytes: Buffer) => bytes } = otherwise;
  const head = said(headOf(passkey, { flags: FLAGS.get, ...otherwise }));
  const client = clientOf(passkey, challenge, { type: 'webauthn.get', ...otherwise });
  const signature = sign('sha256', Buffer.concat([head, sha256(client)]), passkey.privateKey);
  return [head, client, signature].map(base64url).join('.');
}

function headOf({ host }: SoftPasskey, { name = host.replace(/:\d+$/, ''), flags = 0 }: Otherwise): Buffer {
  return Buffer.concat([sha256(name), Buffer.from([flags]), Buffer.from([0, 0, 0, 7])]);
}

function clientOf(
  { host }: SoftPasskey,
  asked: Uint8Array,
  { type, origin = originOf(host), challenge = asked, client = {} }: Otherwise,
): Buffer {
  const said = { type, challenge: base64url(challenge), origin, crossOrigin: false, ...client };
  return Buffer.from(JSON.stringify(said));
}

/** Signs with a passkey, as a page of the desk does. */
export const passkeySigner =
  (passkey: SoftPasskey, installation: string): Signer =>
  (operator, act) => {
    const nonce = randomBytes(16).toString('hex');
    const attestation = stated(act, { installation, operator, nonce, at: new Date().toISOString() });
    const signature = answers(passkey, bytesToSign(attestation));
    return Promise.resolve({ attestation, kind: 'passkey', key: passkey.publicKey, signature });
  };
