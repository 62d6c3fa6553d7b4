import { z } from 'zod';
import { nameShape, uuidShape } from '../shapes.js';
import { isInstant, isIsoDate } from '../dates.js';
import type { Instant, IsoDate, Sha256 } from '../types.js';

/*
 * Who said it: what a person asks for is stated once, in words that a machine can check, and signed. The schemas are
 * made by functions, as those of messages are.
 */

/** What somebody asks for. Each statement is for one thing and fits no other. */
export const PURPOSES = [
  'reconcile',
  'confirm',
  'amend',
  'opening',
  'baseline',
  'booking',
  'ruling',
  'kill-switch-reset',
  'alert-acknowledgement',
  'statement-withdrawal',
  'schedule',
  'run',
] as const;
export type Purpose = (typeof PURPOSES)[number];

/** The ticket that is answered: its id, and the hash of what it orders. */
export interface TicketAnswered {
  id: string;
  materialHash: Sha256;
}

/** What is about to be done, as its statement says it: without who, where and when. */
export interface Act {
  purpose: Purpose;
  /** Null where it concerns the whole installation. */
  account: string | null;
  /** The day it is of; null where it is of none. */
  tradingDay: IsoDate | null;
  /** SHA-256 over the canonical JSON of everything that is asked for. */
  contentHash: Sha256;
  /** Of an answer; null otherwise. */
  ticket: TicketAnswered | null;
  /** The confirmation that an amendment takes the place of. */
  amends: string | null;
}

/** A statement that somebody signs. Version 1; its canonical JSON (RFC 8785) is what is hashed. */
export interface Attestation extends Act {
  version: 1;
  /** Id of the installation it is said to. */
  installation: string;
  operator: string;
  /** 128 random bits, in hex: each statement is made once. */
  nonce: string;
  /** When it was signed, by the clock of the machine that signed: never what a simulated account calls now. */
  at: Instant;
}

/**
 * Kinds of key: the installation's own (it proves the machine, the name is claimed), a person's key file, and a
 * passkey, which signs on the desk with a gesture of whoever holds it.
 */
export const KEY_KINDS = ['installation', 'ed25519', 'passkey'] as const;
export type KeyKind = (typeof KEY_KINDS)[number];

/** A statement with its signature. */
export interface Signed {
  attestation: Attestation;
  kind: KeyKind;
  /**
   * The public key: 32 bytes in base64url, of a passkey its two coordinates `x.y`. It names the key, and is trusted
   * only where the installation's files have it.
   */
  key: string;
  /**
   * Over the 32 bytes of the statement's SHA-256; in lower-case hex. Of a passkey its answer to them as challenge:
   * `authenticatorData.clientDataJSON.signature`, each in base64url.
   */
  signature: string;
}

/** A signature as it is stored. */
export interface Recorded extends Signed {
  /** When the database took it down, by its own clock; left out by facts that were pinned before this was read. */
  recordedAt?: Instant;
}

/** Why a signature does not count. */
export const SIGNATURE_CODES = [
  'SIGNATURE_MISSING',
  'SIGNATURE_INVALID',
  'SIGNATURE_OF_ANOTHER',
  'SIGNATURE_REPLAYED',
] as const;
export type SignatureCode = (typeof SIGNATURE_CODES)[number];

/** Whether a code says that a signature does not count. */
export const isSignatureCode = (code: string): code is SignatureCode =>
  (SIGNATURE_CODES as readonly string[]).includes(code);

/** A statement as whoever makes it states it: once, by its nonce. @param nonce 128 random bits in lower-case hex */
export const stated = (
  act: Act,
  { installation, operator, nonce, at }: Pick<Attestation, 'installation' | 'operator' | 'nonce' | 'at'>,
): Attestation => ({ version: 1, ...act, installation, operator, nonce, at });

/** A public key of ed25519 as a JWK has it. */
export const isPublicKey = (text: string): boolean => /^[\w-]{42}[AEIMQUYcgkosw048]$/.test(text);

/** A public key of P-256, which passkeys have: its two coordinates as a JWK has them. */
export const isPasskey = (text: string): boolean => {
  const [x = '', y = '', ...more] = text.split('.');
  return more.length === 0 && isPublicKey(x) && isPublicKey(y);
};

/** Bytes in base64url, as they are written in one way alone: the bits that the last letter has too many are nought. */
const BYTES = /^(?:[\w-]{4})*(?:[\w-]{2}[AEIMQUYcgkosw048]|[\w-][AQgw])?$/;
/** Letters of a passkey's whole answer: one has some 500. */
const ANSWER_MAX = 4_096;

/** An answer of a passkey as it is stored. */
export const isPasskeyAnswer = (text: string): boolean => {
  const parts = text.length > ANSWER_MAX ? [] : text.split('.');
  return parts.length === 3 && parts.every((part) => part !== '' && BYTES.test(part));
};

/** A signature of ed25519 (RFC 8032) as it is stored; one that were read leniently would have several spellings. */
export const isSignature = (text: string): boolean => /^[\da-f]{128}$/.test(text);

const sha256Shape = () => z.string().regex(/^[\da-f]{64}$/, 'must be a SHA-256 in lower-case hex');
const uuidOrNull = () => uuidShape().nullable();

const attestationShape = () =>
  z.strictObject({
    version: z.literal(1, 'must be 1'),
    purpose: z.enum(PURPOSES),
    installation: uuidShape(),
    account: nameShape().nullable(),
    tradingDay: z.string().refine(isIsoDate, 'must be a date that exists, YYYY-MM-DD').nullable(),
    contentHash: sha256Shape(),
    ticket: z.strictObject({ id: uuidShape(), materialHash: sha256Shape() }).nullable(),
    amends: uuidOrNull(),
    // As messages have it: whom the policy names is asked, in these words, when it is booked.
    operator: nameShape(),
    nonce: z.string().regex(/^[\da-f]{32}$/, 'must be 128 bits in lower-case hex'),
    at: z.string().refine(isInstant, 'must be a time with offset'),
  }) satisfies z.ZodType<Attestation>;

const shapeOfSigned = <More extends z.core.$ZodLooseShape>(more: More) =>
  z.discriminatedUnion('kind', [
    z.strictObject({
      attestation: attestationShape(),
      kind: z.enum(['installation', 'ed25519']),
      key: z.string().refine(isPublicKey, 'must be a public key of ed25519: 32 bytes in base64url'),
      signature: z.string().refine(isSignature, 'must be 64 bytes in lower-case hex'),
      ...more,
    }),
    z.strictObject({
      attestation: attestationShape(),
      kind: z.literal('passkey'),
      key: z.string().refine(isPasskey, 'must be a public key of P-256: x.y in base64url'),
      signature: z
        .string()
        .refine(isPasskeyAnswer, 'must be authenticatorData.clientDataJSON.signature, each in base64url'),
      ...more,
    }),
  ]);

let signed: z.ZodType<Signed> | undefined;
let recorded: z.ZodType<Recorded> | undefined;

/** The shape of a signed statement, as a message carries it. Made once, by who needs it first: it is read with each. */
export const signedShape = (): z.ZodType<Signed> => (signed ??= shapeOfSigned({}));

/** The shape of one that is stored: nobody who sends something says when it was recorded. */
export const recordedShape = (): z.ZodType<Recorded> =>
  (recorded ??= shapeOfSigned({
    recordedAt: z.string().refine(isInstant, 'must be a time with offset').exactOptional(),
  }));

/** A statement out of its JSON text; null for what is none. */
export function readAttestation(text: string): Attestation | null {
  try {
    return attestationShape().safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}
