import { keepChallenge, type StoredChallenge } from '../../db/desk-passkeys.js';
import { refusal } from '../../domain/errors.js';
import { sha256 } from '../../domain/hash.js';
import { answerUntil } from '../../domain/signing/asking.js';
import type { SigningPlace } from './place.js';

/** Whom a passkey is asked of: a session of the desk, by its id, at the host that the browser knows. */
export interface PasskeyAsker {
  operator: string;
  sessionId: string;
  /** Host with port of the page that asks. */
  host: string;
}

/** What a session is known by where its id must not stand. */
export const sessionHash = ({ sessionId }: Pick<PasskeyAsker, 'sessionId'>): string => sha256(sessionId);

/** Asks a passkey something, of one session, to be answered once within five minutes. */
export async function ask(
  { db, now }: Pick<SigningPlace, 'db' | 'now'>,
  asker: Pick<PasskeyAsker, 'sessionId'>,
  { challenge, purpose }: Pick<StoredChallenge, 'challenge' | 'purpose'>,
): Promise<void> {
  const at = now();
  const sessionOfAsker = sessionHash(asker);
  await keepChallenge(db, { challenge, purpose, sessionHash: sessionOfAsker, expiresAt: answerUntil(at) }, at);
}

/** What was answered too late, twice, or without having been asked. */
export const overdue = () =>
  refusal('CHALLENGE_OVER', 'the passkey was asked more than five minutes ago, in another session, or answered twice', {
    remedy: 'nothing was stored: open the page again, and let the passkey answer it',
  });
