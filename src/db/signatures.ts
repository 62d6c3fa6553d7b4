import type { Knex } from 'knex';
import { faultError } from '../domain/errors.js';
import { recordedShape, type Recorded } from '../domain/signing/attestation.js';
import type { SignedFactTable } from '../domain/signing/facts.js';
import type { Sha256 } from '../domain/types.js';
import type { Db } from './connect.js';
import { instantOf, rows } from './questions.js';
import type { Row } from './tables.js';
import { IN_OUR_WORDS } from '../domain/shape-words.js';

/** What a statement led to. */
export interface SignedFact {
  fact: SignedFactTable;
  ids: readonly string[];
}

/** A signature that is stored. */
export interface StoredSignature extends SignedFact {
  nonce: string;
  signed: Recorded;
  attestationHash: Sha256;
}

type SignatureRow = Pick<
  Row<'signatures'>,
  'nonce' | 'attestation' | 'attestation_hash' | 'kind' | 'key' | 'signature' | 'fact' | 'fact_ids' | 'recorded_at'
>;

export const SIGNATURE_COLUMNS = [
  'nonce',
  'attestation',
  'attestation_hash',
  'kind',
  'key',
  'signature',
  'fact',
  'fact_ids',
  'recorded_at',
] as const;

/**
 * That a row `g` is the one of its statement: nonces are unique, so that a statement which was made for one thing
 * cannot be laid beside another too.
 */
export const OF_ITS_STATEMENT = `g.nonce = g.attestation ->> 'nonce'`;

/** A signature `g` within the JSON of what it is beside, as `recordedOf` reads it. */
export const SIGNATURE_AS_JSON = `jsonb_build_object('attestation', g.attestation, 'kind', g.kind, 'key', g.key,
  'signature', g.signature, 'recordedAt', g.recorded_at)`;

/** A signature out of a row or of JSON; null for what has a shape that no version wrote. */
export function recordedOf(found: unknown): Recorded | null {
  const { data } = recordedShape().safeParse(found);
  if (data?.recordedAt === undefined) return data ?? null;
  return { ...data, recordedAt: instantOf(data.recordedAt) };
}

/**
 * A signature as a row has it; a fault where it has a shape that no version wrote. @throws OpsError
 * SIGNATURE_UNREADABLE
 */
export function storedSignature(row: SignatureRow): StoredSignature {
  const { attestation, kind, key, signature, recorded_at: recordedAt } = row;
  const parsed = recordedShape().safeParse({ attestation, kind, key, signature, recordedAt }, IN_OUR_WORDS);
  if (!parsed.success)
    throw faultError('SIGNATURE_UNREADABLE', `signature ${row.nonce}: ${parsed.error.issues[0]?.message}`);
  return {
    nonce: row.nonce,
    signed: parsed.data,
    attestationHash: row.attestation_hash,
    fact: row.fact,
    ids: row.fact_ids,
  };
}

/** The signature with this nonce; null where it was never used. */
export async function signatureOfNonce(db: Db, nonce: string): Promise<StoredSignature | null> {
  const row = await db('signatures')
    .where({ nonce })
    .first(...SIGNATURE_COLUMNS);
  return row ? storedSignature(row) : null;
}

/** Whether a database is of a version that had signatures. */
export async function hasSignatures(db: Db): Promise<boolean> {
  const [found] = await rows<{ has: boolean }>(db, `select to_regclass('public.signatures') is not null as has`);
  return found?.has ?? false;
}

/** The signatures of a fact, oldest first. */
export async function signaturesOf(db: Db, fact: SignedFactTable, id: string): Promise<Recorded[]> {
  const found = await db('signatures')
    .where({ fact })
    .whereRaw('fact_ids @> array[?]', [id])
    .orderBy('seq')
    .select(...SIGNATURE_COLUMNS);
  return found.map((row) => storedSignature(row).signed);
}

/** A signature with its place in the order of all facts; null where it has a shape that no version wrote. */
export interface SignatureOnRecord extends SignedFact {
  seq: number;
  signed: Recorded | null;
  attestationHash: Sha256;
  content: unknown;
}

/** The next signatures after a place, as many as asked for. */
export async function signaturesFrom(db: Db, after: number, count: number): Promise<SignatureOnRecord[]> {
  const found = await db('signatures')
    .where('seq', '>', after)
    .orderBy('seq')
    .limit(count)
    .select(...SIGNATURE_COLUMNS, 'seq', 'content');
  return found.map(({ attestation, kind, key, signature, recorded_at: recordedAt, ...row }) => ({
    seq: Number(row.seq),
    signed: recordedOf({ attestation, kind, key, signature, recordedAt }),
    attestationHash: row.attestation_hash,
    content: row.content,
    fact: row.fact,
    ids: row.fact_ids,
  }));
}

/** The keys of installations that signed something stored here, this one's too: what they are worth the files say. */
export const installationKeysSeen = (db: Db): Promise<{ installation: string; publicKey: string }[]> =>
  rows<{ installation: string; publicKey: string }>(
    db,
    `select distinct attestation->>'installation' as installation, key as "publicKey" from signatures
      where kind = 'installation'`,
  );

/** The insert of a signature: it returns its nonce, or nothing where that is used. */
export function newSignature(
  db: Db,
  { signed, attestationHash, fact, ids }: Omit<StoredSignature, 'nonce'>,
  content: object | null,
): Knex.QueryBuilder<Row<'signatures'>, { nonce: string }[]> {
  const { attestation, kind, key, signature } = signed;
  return db('signatures')
    .insert({
      nonce: attestation.nonce,
      purpose: attestation.purpose,
      account: attestation.account,
      operator: attestation.operator,
      attestation: JSON.stringify(attestation),
      attestation_hash: attestationHash,
      kind,
      key,
      signature,
      fact,
      fact_ids: [...ids],
      ...(content !== null && { content: JSON.stringify(content) }),
    })
    .onConflict()
    .ignore()
    .returning('nonce') as never;
}
