import type { KeyLine } from '../domain/signing/keys.js';
import type { Instant, Sha256 } from '../domain/types.js';
import type { Db } from './connect.js';
import { rows } from './questions.js';

/** What the desk asks passkeys, and those that were made on it: they are removed in time, and are no facts. */

/** What a passkey is asked, and by which session; it is answered once. */
export interface StoredChallenge {
  /** 32 bytes in lower-case hex. */
  challenge: string;
  sessionHash: string;
  purpose: 'enrol' | 'sign' | 'enter';
  expiresAt: Instant;
}

/** Questions that a session may have open, and all who are not let in together: of more the oldest are forgotten. */
const OPEN_MAX = 1_000;

/** Keeps a question, and forgets those that are over. */
export async function keepChallenge(
  db: Db,
  { challenge, sessionHash, purpose, expiresAt }: StoredChallenge,
  now: Instant,
): Promise<void> {
  await db.raw('delete from desk.challenges where expires_at <= ?', [now]);
  await db.raw(
    `insert into desk.challenges (challenge, session_hash, purpose, expires_at) values (?, ?, ?, ?)
     on conflict do nothing`,
    [challenge, sessionHash, purpose, expiresAt],
  );
  await db.raw(
    `delete from desk.challenges where challenge in (
       select challenge from desk.challenges where session_hash = ? order by expires_at desc offset ?)`,
    [sessionHash, OPEN_MAX],
  );
}

type Asked = Omit<StoredChallenge, 'expiresAt'>;

/** Whether this session was asked this, and may still answer. */
export async function isAsked(db: Db, { challenge, sessionHash, purpose }: Asked, now: Instant): Promise<boolean> {
  const found = await rows(
    db,
    'select from desk.challenges where challenge = ? and session_hash = ? and purpose = ? and expires_at > ?',
    [challenge, sessionHash, purpose, now],
  );
  return found.length > 0;
}

/**
 * Takes an answer: the first one, or the same again, whoever gives another at the same moment.
 * @returns whether it was taken
 */
export async function takeAnswer(
  db: Db,
  { challenge, sessionHash, purpose, answerHash }: Asked & { answerHash: Sha256 },
  now: Instant,
): Promise<boolean> {
  const taken = await rows(
    db,
    `update desk.challenges set answer_hash = ?
      where challenge = ? and session_hash = ? and purpose = ? and expires_at > ?
        and coalesce(answer_hash, ?) = ? returning 1`,
    [answerHash, challenge, sessionHash, purpose, now, answerHash, answerHash],
  );
  return taken.length > 0;
}

/** A passkey that was made on the desk. */
export interface StoredPasskey extends Pick<KeyLine, 'operator' | 'publicKey' | 'label'> {
  host: string;
  credentialId: string;
  madeAt: Instant;
}

/**
 * Keeps a new passkey, and forgets those from before an instant that nobody approved.
 * @param rule approved: the public keys that have a line.
 */
export async function keepPasskey(
  db: Db,
  { publicKey, credentialId, operator, host, label, madeAt }: StoredPasskey,
  { since, approved }: { since: Instant; approved: readonly string[] },
): Promise<void> {
  await db.raw('delete from desk.passkeys where made_at < ? and public_key <> all (?::text[])', [since, [...approved]]);
  await db.raw(
    `insert into desk.passkeys (public_key, credential_id, operator, host, label, made_at) values (?, ?, ?, ?, ?, ?)
     on conflict do nothing`,
    [publicKey, credentialId, operator, host, label, madeAt],
  );
}

/** Every passkey that was made on the desk, the newest first. */
export const passkeysMade = (db: Db): Promise<StoredPasskey[]> =>
  rows<StoredPasskey>(
    db,
    `select public_key as "publicKey", credential_id as "credentialId", operator, host, label, made_at as "madeAt"
       from desk.passkeys order by made_at desc`,
  );
