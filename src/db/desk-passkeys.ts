import type { KeyLine } from '../domain/signing/keys.js';
import type { Instant, Sha256 } from '../domain/types.js';
import type { Db } from './connect.js';
import { rows } from './questions.js';

/*
 * What the desk asks passkeys, and those that were made on it: they are removed in time, and are no facts. Whoever
 * reads them here holds each against its seal.
 */

/** What a passkey is asked, and by which session; it is answered once. */
export interface StoredChallenge {
  /** 32 bytes in lower-case hex. */
  challenge: string;
  sessionHash: string;
  purpose: 'enrol' | 'sign';
  expiresAt: Instant;
  seal: string;
}

/** Questions that a session may have open: of more the oldest are forgotten. */
const OPEN_MAX = 1_000;

/** Keeps a question, and forgets those that are over. */
export async function keepChallenge(
  db: Db,
  { challenge, sessionHash, purpose, expiresAt, seal }: StoredChallenge,
  now: Instant,
): Promise<void> {
  await db.raw('delete from desk.challenges where expires_at <= ?', [now]);
  await db.raw(
    `insert into desk.challenges (challenge, session_hash, purpose, expires_at, seal) values (?, ?, ?, ?, ?)
     on conflict do nothing`,
    [challenge, sessionHash, purpose, expiresAt, seal],
  );
  await db.raw(
    `delete from desk.challenges where challenge in (
       select challenge from desk.challenges where session_hash = ? order by expires_at desc offset ?)`,
    [sessionHash, OPEN_MAX],
  );
}

type Asked = Pick<StoredChallenge, 'challenge' | 'sessionHash' | 'purpose'>;

/** What this session was asked and may still answer; null where it was not asked this. */
export async function questionOf(
  db: Db,
  { challenge, sessionHash, purpose }: Asked,
  now: Instant,
): Promise<StoredChallenge | null> {
  const [found] = await rows<StoredChallenge>(
    db,
    `select challenge, session_hash as "sessionHash", purpose, expires_at as "expiresAt", seal from desk.challenges
      where challenge = ? and session_hash = ? and purpose = ? and expires_at > ?`,
    [challenge, sessionHash, purpose, now],
  );
  return found ?? null;
}

/**
 * Takes an answer: the first one, or the same again, whoever gives another at the same moment.
 * @returns whether it was taken
 */
export async function takeAnswer(
  db: Db,
  { challenge, seal }: Pick<StoredChallenge, 'challenge' | 'seal'>,
  answerHash: Sha256,
): Promise<boolean> {
  const taken = await rows(
    db,
    `update desk.challenges set answer_hash = ?
      where challenge = ? and seal = ? and coalesce(answer_hash, ?) = ? returning 1`,
    [answerHash, challenge, seal, answerHash, answerHash],
  );
  return taken.length > 0;
}

/** A passkey that was made on the desk. */
export interface StoredPasskey extends Pick<KeyLine, 'operator' | 'publicKey' | 'label'> {
  host: string;
  credentialId: string;
  madeAt: Instant;
  /** Null for one from before there were seals. */
  seal: string | null;
}

/**
 * Keeps a new passkey, and forgets those from before an instant that nobody approved.
 * @param rule approved: the public keys that have a line.
 */
export async function keepPasskey(
  db: Db,
  { publicKey, credentialId, operator, host, label, madeAt, seal }: StoredPasskey,
  { since, approved }: { since: Instant; approved: readonly string[] },
): Promise<void> {
  await db.raw('delete from desk.passkeys where made_at < ? and public_key <> all (?::text[])', [since, [...approved]]);
  await db.raw(
    `insert into desk.passkeys (public_key, credential_id, operator, host, label, made_at, seal)
     values (?, ?, ?, ?, ?, ?, ?) on conflict do nothing`,
    [publicKey, credentialId, operator, host, label, madeAt, seal],
  );
}

/** Every passkey that was made on the desk, the newest first. */
export const passkeysMade = (db: Db): Promise<StoredPasskey[]> =>
  rows<StoredPasskey>(
    db,
    `select public_key as "publicKey", credential_id as "credentialId", operator, host, label, made_at as "madeAt", seal
       from desk.passkeys order by made_at desc`,
  );
