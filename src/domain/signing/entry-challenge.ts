import { timingSafeEqual } from 'node:crypto';
import type { Instant } from '../types.js';
import { answerUntil } from './asking.js';
import { sealOf, type SealKey } from './seal.js';

/*
 * What a passkey is asked that lets in. Anybody may open the page that asks, as often as they like, and nothing is kept
 * of it: the question carries its own end and seal, so that nobody's is forgotten over those of others.
 */

/** Letters of hex: until when it may be answered, what makes it one of its kind, and the beginning of the seal. */
const [UNTIL, RANDOM, SEAL] = [12, 20, 32] as const;
const SHAPE = new RegExp(`^[\\da-f]{${UNTIL + RANDOM + SEAL}}$`);

const sealOfHead = (key: SealKey, head: string, host: string): string =>
  sealOf(key, 'entry challenge', { head, host }).slice(0, SEAL);

/**
 * A question to whoever wants to be let in, 32 bytes in lower-case hex, to be answered within five minutes.
 * @param asked nonce: 10 random bytes, in lower-case hex; host: host with port of the page that asks
 */
export function entryChallenge(
  key: SealKey,
  { at, nonce, host }: { at: Instant; nonce: string; host: string },
): string {
  const head = Date.parse(answerUntil(at)).toString(16).padStart(UNTIL, '0') + nonce.padStart(RANDOM, '0');
  return head + sealOfHead(key, head, host);
}

/** Whether a question was asked by this desk for that host, and may be answered still. */
export function isEntryChallenge(
  key: SealKey,
  challenge: string,
  { at, host }: { at: Instant; host: string },
): boolean {
  if (!SHAPE.test(challenge)) return false;
  const head = challenge.slice(0, UNTIL + RANDOM);
  const until = Number.parseInt(challenge.slice(0, UNTIL), 16);
  // As bytes of one length: how long it takes to compare them says nothing.
  const [said, own] = [challenge, head + sealOfHead(key, head, host)].map((text) => new TextEncoder().encode(text));
  return timingSafeEqual(said as Uint8Array, own as Uint8Array) && Date.parse(at) < until;
}
