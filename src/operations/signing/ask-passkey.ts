import { keepChallenge, questionOf, type StoredChallenge } from '../../db/desk-passkeys.js';
import { sessionHash } from '../../domain/entry-seals.js';
import { refusal } from '../../domain/errors.js';
import { answerUntil } from '../../domain/signing/asking.js';
import { isSealed, sealOf, type SealPlace } from '../../domain/signing/seal.js';
import type { Instant } from '../../domain/types.js';
import type { SigningPlace } from './place.js';

/** Where passkeys are asked: what was asked is sealed, so that nobody else can have asked it. */
export interface AskingPlace extends SigningPlace, SealPlace {}

/** Whom a passkey is asked of: a session of the desk, by its id, at the host that the browser knows. */
export interface PasskeyAsker {
  operator: string;
  sessionId: string;
  /** Host with port of the page that asks. */
  host: string;
}

/** What is asked, and by which session. */
export interface Asked extends Pick<StoredChallenge, 'challenge' | 'purpose'> {
  asker: Pick<PasskeyAsker, 'sessionId'>;
}

type Place = Pick<AskingPlace, 'db' | 'now' | 'sealKey'>;

const rowOf = ({ sealKey }: Place, { challenge, purpose, asker }: Asked) => ({
  challenge,
  purpose,
  sessionHash: sessionHash(sealKey(), asker.sessionId),
});

const sealed = ({ challenge, purpose, sessionHash: hash, expiresAt }: Omit<StoredChallenge, 'seal'>) => ({
  challenge,
  purpose,
  sessionHash: hash,
  expiresAt,
});

/** Asks a passkey something, to be answered once within five minutes. */
export async function ask(place: Place, asked: Asked): Promise<void> {
  const at = place.now();
  const question = { ...rowOf(place, asked), expiresAt: answerUntil(at) };
  await keepChallenge(place.db, { ...question, seal: sealOf(place.sealKey(), 'challenge', sealed(question)) }, at);
}

/**
 * What was asked, while it may still be answered; null for what the desk did not ask. An answer that a passkey gave to
 * something else, and that is stored for everybody to read, is an answer to nothing here.
 */
export async function questionAsked(place: Place, asked: Asked, at: Instant): Promise<StoredChallenge | null> {
  const found = await questionOf(place.db, rowOf(place, asked), at);
  return found !== null && isSealed(place.sealKey(), 'challenge', sealed(found), found.seal) ? found : null;
}

/** What was answered too late, twice, or without having been asked. */
export const overdue = () =>
  refusal('CHALLENGE_OVER', 'the passkey was asked more than five minutes ago, in another session, or answered twice', {
    remedy: 'nothing was stored: open the page again, and let the passkey answer it',
  });
