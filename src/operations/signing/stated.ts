import { signatureOfNonce, type StoredSignature } from '../../db/signatures.js';
import { readAttestation } from '../../domain/signing/attestation.js';
import type { SigningPlace } from './place.js';

/** The statement that was made under a nonce before, and what it led to; null where there is none. */
export const statedUnder = ({ db }: Pick<SigningPlace, 'db'>, nonce: string): Promise<StoredSignature | null> =>
  signatureOfNonce(db, nonce);

/** The same of a statement as a page carries it; null also for what is none. */
export async function statedIn(place: Pick<SigningPlace, 'db'>, text: string): Promise<StoredSignature | null> {
  const attestation = text === '' ? null : readAttestation(text);
  return attestation === null ? null : statedUnder(place, attestation.nonce);
}
