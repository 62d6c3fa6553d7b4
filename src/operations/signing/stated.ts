import { signatureOfNonce, type StoredSignature } from '../../db/signatures.js';
import type { SigningPlace } from './place.js';

/** The statement that was made under a nonce before, and what it led to; null where there is none. */
export const statedUnder = ({ db }: Pick<SigningPlace, 'db'>, nonce: string): Promise<StoredSignature | null> =>
  signatureOfNonce(db, nonce);
