import { changeSession, endSession, findSession, noteSeen } from '../../db/desk-entry.js';
import { isSeenAnew, secondsLeft, seenSince } from '../../domain/entry.js';
import { londonInstant } from '../../domain/calendar/calendar.js';
import { isIsoDate } from '../../domain/dates.js';
import { operatorMeant } from '../accounts/meant.js';
import { outcomeOf, type Outcome } from '../../domain/errors.js';
import { instantMeant } from '../../domain/day/clock.js';
import { sha256 } from '../../domain/hash.js';
import type { Policy } from '../../domain/policy/policy.js';
import type { Account, Instant } from '../../domain/types.js';
import type { Installation } from '../installation.js';

/** Who looks: the name that is claimed, and what may be done. */
export interface Session {
  operator: string | null;
  readOnly: boolean;
  /** What time it is said to be on simulated accounts; null where nobody said. */
  rehearsedAt: Instant | null;
  /** Until it ends, when nobody looks any more. */
  secondsLeft: number;
}

type Place = Pick<Installation, 'db' | 'now'>;

/**
 * The session of an id, which goes on by being looked at; null for one that is over or was never begun.
 * @param isLook false for what a page asks by itself, which keeps no session going.
 */
export async function sessionOf({ db, now }: Place, id: string, isLook = true): Promise<Session | null> {
  const [at, idHash] = [now(), sha256(id)];
  const found = await findSession(db, idHash, seenSince(at));
  if (found === null) return null;
  if (isLook && isSeenAnew(found.seenAt, at)) await noteSeen(db, idHash, at);
  const { operator, readOnly, rehearsedAt, seenAt } = found;
  return { operator, readOnly, rehearsedAt, secondsLeft: secondsLeft(isLook ? at : seenAt, at) };
}

/** Ends a session: its id lets nobody in any more. */
export const leave = ({ db }: Place, id: string): Promise<void> => endSession(db, sha256(id));

/** Who somebody says they are, from now on in this session. Refuses with OPERATOR_UNKNOWN a name of no policy. */
export const claimName = (
  { db }: Place,
  { id, policy, operator }: { id: string; policy: Policy; operator: string },
): Promise<Outcome<void>> =>
  outcomeOf(() => changeSession(db, sha256(id), { operator: operatorMeant(policy, operator) }));

/**
 * What time it is from now on in this session, on a simulated account. Refuses with CLOCK_IS_REAL, and with AT_INVALID
 * what is no instant.
 */
export const setRehearsalClock = (
  { db, now }: Place,
  { id, account, typed }: { id: string; account: Account; typed: string },
): Promise<Outcome<void>> =>
  outcomeOf(() => changeSession(db, sha256(id), { rehearsedAt: instantMeant(instantOf(typed), account, now()) }));

/** A date and a UK time, `2018-05-09 14:00`, as an instant; anything else as it is, to be judged as one. */
function instantOf(typed: string): string {
  const [, date, time] = /^\s*(\d{4}-\d\d-\d\d)[ T]((?:[01]\d|2[0-3]):[0-5]\d)\s*$/.exec(typed) ?? [];
  return date === undefined || time === undefined || !isIsoDate(date) ? typed : londonInstant(date, time);
}
