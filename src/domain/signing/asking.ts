import type { Instant } from '../types.js';

/** How long a passkey may take to answer. */
const ANSWER_MINUTES = 5;
/** How long a passkey that was made waits to be approved. */
const OFFER_HOURS = 24;

const after = (at: Instant, milliseconds: number): Instant => new Date(Date.parse(at) + milliseconds).toISOString();

/** Until when an answer counts that is asked for now. */
export const answerUntil = (now: Instant): Instant => after(now, ANSWER_MINUTES * 60_000);

/** The oldest instant at which a passkey may have been made that still waits to be approved. */
export const offeredSince = (now: Instant): Instant => after(now, -OFFER_HOURS * 3_600_000);

/** Whether a passkey that was made then may be approved yet. */
export const isOfferedYet = (madeAt: Instant, at: Instant): boolean =>
  Date.parse(madeAt) >= Date.parse(offeredSince(at));
