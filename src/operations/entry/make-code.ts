import { randomBytes } from 'node:crypto';
import { keepCode } from '../../db/desk-entry.js';
import { CODE_BYTES, codeExpiresAt, codeOf, codeText } from '../../domain/entry.js';
import { sealedCode, secretHash } from '../../domain/entry-seals.js';
import type { Instant } from '../../domain/types.js';
import type { EntryPlace } from './place.js';

/** A code that lets in once. */
export interface MadeCode {
  code: string;
  expiresAt: Instant;
  readOnly: boolean;
}

/**
 * Makes a one-time code of the desk. Whoever has the private half of the installation's key may have one, and whoever
 * only writes to Postgres may not: it says who somebody claims to be, and proves nothing.
 * @param input operator: the name that is claimed, null for none; readOnly: whether it lets in to read only.
 */
export async function makeEntryCode(
  { db, now, sealKey }: Omit<EntryPlace, 'exposure'>,
  { operator, readOnly }: { operator: string | null; readOnly: boolean },
): Promise<MadeCode> {
  const code = codeOf(randomBytes(CODE_BYTES).toString('hex'));
  const madeAt = now();
  const expiresAt = codeExpiresAt(madeAt);
  const key = sealKey();
  const facts = {
    codeId: code.codeId,
    secretHash: secretHash(key, code.secret),
    operator,
    readOnly,
    madeAt,
    expiresAt,
  };
  await keepCode(db, sealedCode(key, facts));
  return { code: codeText(code), expiresAt, readOnly };
}
