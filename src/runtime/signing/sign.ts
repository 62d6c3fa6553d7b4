import { randomBytes, sign } from 'node:crypto';
import { stated, type Act, type KeyKind, type Signed } from '../../domain/signing/attestation.js';
import { bytesToSign } from '../../domain/signing/verify.js';
import type { SigningKey } from './installation-key.js';

/**
 * States what somebody asks for, once, and signs it, at this moment by this machine's clock unless it is said
 * otherwise.
 * @param nonce what the statement is known by, where it may be made a second time: then it is the same one
 */
export function signAct(
  { privateKey, publicKey }: SigningKey,
  { kind, installation, operator }: { kind: KeyKind; installation: string; operator: string },
  act: Act,
  at: string = new Date().toISOString(),
  nonce: string = randomBytes(16).toString('hex'),
): Signed {
  const attestation = stated(act, { installation, operator, nonce, at });
  const signature = sign(null, bytesToSign(attestation), privateKey).toString('hex');
  return { attestation, kind, key: publicKey, signature };
}
