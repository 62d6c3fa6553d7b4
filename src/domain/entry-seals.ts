import type { EntryKind } from './entry.js';
import { isSealed, sealOf, type SealKey } from './signing/seal.js';
import type { Instant, Sha256 } from './types.js';

/** What decides of a code: whom it lets in, to do what, and until when. */
export interface CodeFacts {
  codeId: string;
  /** Of its secret, as `secretHash` makes it. */
  secretHash: Sha256;
  operator: string | null;
  readOnly: boolean;
  madeAt: Instant;
  expiresAt: Instant;
}

/**
 * What decides of a session: whose it is, what it may do, by what it was let in, and when, from which its end follows.
 * When it was seen last is no part of it, which can only keep it from ending earlier; nor is the time that a rehearsal
 * is said to have, which no real account looks at.
 */
export interface SessionFacts {
  /** Of its id, as `sessionHash` makes it. */
  idHash: Sha256;
  operator: string | null;
  readOnly: boolean;
  entry: EntryKind;
  enteredAt: Instant;
}

/** What a session is known by where its id must not stand: nobody else can make it of an id. */
export const sessionHash = (key: SealKey, id: string): Sha256 => sealOf(key, 'session id', id);
/** The same of what only whoever was given a code knows. */
export const secretHash = (key: SealKey, secret: string): Sha256 => sealOf(key, 'code secret', secret);

const ofCode = ({ codeId, secretHash: hash, operator, readOnly, madeAt, expiresAt }: CodeFacts) => ({
  codeId,
  secretHash: hash,
  operator,
  readOnly,
  madeAt,
  expiresAt,
});
const ofSession = ({ idHash, operator, readOnly, entry, enteredAt }: SessionFacts) => ({
  idHash,
  operator,
  readOnly,
  entry,
  enteredAt,
});

/** A code with its seal. */
export const sealedCode = (key: SealKey, facts: CodeFacts): CodeFacts & { seal: Sha256 } => ({
  ...facts,
  seal: sealOf(key, 'code', ofCode(facts)),
});
/** Whether a stored code is as it was made. */
export const isCodeSealed = (key: SealKey, stored: CodeFacts & { seal: string }): boolean =>
  isSealed(key, 'code', ofCode(stored), stored.seal);

/** A session with its seal. */
export const sealedSession = (key: SealKey, facts: SessionFacts): SessionFacts & { seal: Sha256 } => ({
  ...facts,
  seal: sealOf(key, 'session', ofSession(facts)),
});
/** Whether a stored session is as the desk wrote it. */
export const isSessionSealed = (key: SealKey, stored: SessionFacts & { seal: string }): boolean =>
  isSealed(key, 'session', ofSession(stored), stored.seal);
