import { signatureOfNonce } from '../../db/signatures.js';
import type { Attestation } from '../../domain/signing/attestation.js';
import type { SigningPlace } from './place.js';

/** The statement that was made under a nonce before and led to something; null where there is none. */
export async function statedUnder({ db }: Pick<SigningPlace, 'db'>, nonce: string): Promise<Attestation | null> {
  return (await signatureOfNonce(db, nonce))?.signed.attestation ?? null;
}
