import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { canonicalJson } from '../hash.js';
import type { Sha256 } from '../types.js';

/*
 * What the desk keeps of whoever it lets in stands in rows that the application's role may write. Each row carries a
 * seal, made with a secret that no row has: one that was written or changed by anything else lets nobody in.
 */

/** 32 bytes that no row has: derived from the private half of the installation's key, or the worker's own. */
export type SealKey = Uint8Array;

/** Who can seal: the commands and the desk, never the worker. */
export interface SealPlace {
  /** @throws OpsError SIGNING_KEY_MISSING, SIGNING_KEY_BAD */
  sealKey(): SealKey;
}

/** What a seal is of: none fits what is of another kind. */
export type SealedKind =
  'session' | 'session id' | 'code' | 'code secret' | 'challenge' | 'entry challenge' | 'passkey' | 'valuation';

/**
 * HMAC-SHA-256 (RFC 2104) over the canonical JSON of what is sealed and its kind, in lower-case hex.
 * @param content plain data
 */
export const sealOf = (key: SealKey, kind: SealedKind, content: unknown): Sha256 =>
  createHmac('sha256', key)
    .update(canonicalJson([kind, content]))
    .digest('hex');

/** What a key is told by where its seals stand: the beginning of its hash, which says nothing of it. */
export const sealKeyName = (key: SealKey): string => createHash('sha256').update(key).digest('hex').slice(0, 16);

/** Whether a seal is the one of this content. */
export function isSealed(key: SealKey, kind: SealedKind, content: unknown, seal: string | null): boolean {
  // As hashes: they are of one length, and how long it takes to compare them says nothing.
  const hash = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(hash(sealOf(key, kind, content)), hash(seal ?? ''));
}
