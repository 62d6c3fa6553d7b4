import type { Instant } from './types.js';

/** How long a code lets in. */
const CODE_MINUTES = 10;
/** A code that was tried so often with a wrong rest lets nobody in any more. */
export const WRONG_TRIES_MAX = 5;
/** A session that was not seen for so long has ended; one of a desk that other machines reach. */
const IDLE_MINUTES = { here: 12 * 60, exposed: 30 } as const;
/** However often it is looked at, a session ends so long after somebody was let in: a stolen one too. */
const LASTS_HOURS = { here: 30 * 24, exposed: 24 } as const;

/**
 * By what somebody was let in: a one-time code, which only claims a name; one that lets in to make a passkey and to
 * nothing else; or a passkey, which proves it.
 */
export type EntryKind = 'code' | 'enrol' | 'passkey';

/** Whether a session of that kind may see pages other than the one that makes a passkey. */
export const seesPages = (entry: EntryKind, isExposed: boolean): boolean =>
  entry === 'passkey' || (entry === 'code' && !isExposed);
/** How exactly it is known when a session was last seen: not every look need be written down. */
const SEEN_SECONDS = 60;

const ID_DIGITS = 8;
/** 128 bits. */
const SECRET_DIGITS = 32;

/** A code in its two parts: which one it is, and what only whoever was given it knows. */
export interface EntryCode {
  codeId: string;
  secret: string;
}

/** Bytes of randomness that a code is made of. */
export const CODE_BYTES = (ID_DIGITS + SECRET_DIGITS) / 2;

/** The code that random digits make. @param digits `CODE_BYTES` bytes in hex */
export const codeOf = (digits: string): EntryCode => ({
  codeId: digits.slice(0, ID_DIGITS),
  secret: digits.slice(ID_DIGITS),
});

/** A code as a person reads and types it. */
export const codeText = ({ codeId, secret }: EntryCode): string => `${codeId}${secret}`;

/** The code that was typed or pasted, in whatever groups; null for what is none. */
export function readCode(typed: string): EntryCode | null {
  const digits = typed.replace(/[\s-]/g, '').toLowerCase();
  return /^[0-9a-f]+$/.test(digits) && digits.length === ID_DIGITS + SECRET_DIGITS ? codeOf(digits) : null;
}

const after = (at: Instant, milliseconds: number): Instant => new Date(Date.parse(at) + milliseconds).toISOString();

/** Until when a code lets in that is made now. */
export const codeExpiresAt = (now: Instant): Instant => after(now, CODE_MINUTES * 60_000);

/** The oldest instant at which a session may have been seen last that still goes on. */
export const seenSince = (now: Instant, isExposed = false): Instant =>
  after(now, -IDLE_MINUTES[isExposed ? 'exposed' : 'here'] * 60_000);

/** Whoever was let in at this instant or before has no session any more, however often it was looked at. */
export const enteredBefore = (now: Instant, isExposed = false): Instant =>
  after(now, -LASTS_HOURS[isExposed ? 'exposed' : 'here'] * 3_600_000);

/** Seconds until a session ends that nobody looks at any more. */
export function secondsLeft(
  { enteredAt, seenAt }: { enteredAt: Instant; seenAt: Instant },
  now: Instant,
  isExposed = false,
): number {
  const since = (at: Instant, oldest: Instant) => Math.floor((Date.parse(at) - Date.parse(oldest)) / 1_000);
  const [idle, last] = [since(seenAt, seenSince(now, isExposed)), since(enteredAt, enteredBefore(now, isExposed))];
  return Math.max(0, Math.min(idle, last));
}

/** Whether a session is seen so much later than is known that it is written down. */
export const isSeenAnew = (seenAt: Instant, now: Instant): boolean =>
  Date.parse(now) - Date.parse(seenAt) >= SEEN_SECONDS * 1_000;
