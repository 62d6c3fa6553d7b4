import { createHash } from 'node:crypto';
import canonicalizeModule from 'canonicalize';
import type { Sha256 } from './types.js';

// The package is CommonJS that exports the function itself; its types say it exports `{ default }`.
const canonicalize = canonicalizeModule as unknown as (value: unknown) => string | undefined;

/**
 * The one JSON text of a value (RFC 8785): keys sorted, no spaces, numbers as ECMAScript writes them. Properties that are
 * undefined are left out. Throws TypeError on what JSON cannot say: NaN, Infinity, bigint, a function or undefined itself.
 */
export function canonicalJson(value: unknown): string {
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError('nothing to write as JSON');
  return text;
}

/** SHA-256 in lower-case hex; text is hashed as UTF-8. */
export const sha256 = (content: string | Uint8Array): Sha256 => createHash('sha256').update(content).digest('hex');

/** SHA-256 over the canonical JSON of a value: equal content has an equal hash, on every machine. */
export const contentHash = (value: unknown): Sha256 => sha256(canonicalJson(value));
