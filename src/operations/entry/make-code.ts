import { randomBytes } from 'node:crypto';
import { keepCode } from '../../db/desk-entry.js';
import { CODE_BYTES, codeExpiresAt, codeOf, codeText } from '../../domain/entry.js';
import { sha256 } from '../../domain/hash.js';
import type { Instant } from '../../domain/types.js';
import type { Installation } from '../installation.js';

/** A code that lets in once. */
export interface MadeCode {
  code: string;
  expiresAt: Instant;
  readOnly: boolean;
}

/**
 * Makes a one-time code of the desk. Whoever may ask Postgres as the application may have one: it says who somebody
 * claims to be, and proves nothing.
 * @param input operator: the name that is claimed, null for none; readOnly: whether it lets in to read only.
 */
export async function makeEntryCode(
  { db, now }: Pick<Installation, 'db' | 'now'>,
  { operator, readOnly }: { operator: string | null; readOnly: boolean },
): Promise<MadeCode> {
  const code = codeOf(randomBytes(CODE_BYTES).toString('hex'));
  const madeAt = now();
  const expiresAt = codeExpiresAt(madeAt);
  await keepCode(db, { codeId: code.codeId, secretHash: sha256(code.secret), operator, readOnly, madeAt, expiresAt });
  return { code: codeText(code), expiresAt, readOnly };
}
