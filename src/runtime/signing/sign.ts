import { randomBytes, sign } from 'node:crypto';
import { stated, type Act, type KeyKind, type Signed } from '../../domain/signing/attestation.js';
import { bytesToSign } from '../../domain/signing/verify.js';
import type { SigningKey } from './installation-key.js';

/**
 * States what somebody asks for, once, and signs it, at this moment by this machine's clock unless a test says
 * otherwise.
 */
export function signAct(
  { privateKey, publicKey }: SigningKey,
  { kind, installation, operator }: { kind: KeyKind; installation: string; operator: string },
  act: Act,
  at: string = new Date().toISOString(),
): Signed {
  const attestation = stated(act, { installation, operator, nonce: randomBytes(16).toString('hex'), at });
  const signature = sign(null, bytesToSign(attestation), privateKey).toString('hex');
  return { attestation, kind, key: publicKey, signature };
}
