import { auditHeadQuestion, type AuditHead } from '../../db/audit.js';
import {
  endSession,
  findSession,
  nameSession,
  noteSeen,
  rehearseSession,
  type StoredSession,
} from '../../db/desk-entry.js';
import { newestSimulatedInstant } from '../../db/newest-instant.js';
import { ask, askTogether } from '../../db/questions.js';
import { isSessionSealed, sealedSession, sessionHash } from '../../domain/entry-seals.js';
import { isSeenAnew, secondsLeft, seesPages, type EntryKind } from '../../domain/entry.js';
import { londonInstant } from '../../domain/calendar/calendar.js';
import { isInstant, isIsoDate } from '../../domain/dates.js';
import { operatorMeant } from '../accounts/meant.js';
import { outcomeOf, refusal, usageError, type Outcome } from '../../domain/errors.js';
import { instantMeant } from '../../domain/day/clock.js';
import { bounded } from '../../domain/text.js';
import { ukStamp } from '../../reports/render/format.js';
import type { Policy } from '../../domain/policy/policy.js';
import type { Account, Instant } from '../../domain/types.js';
import { goingOn, type EntryPlace } from './place.js';

/** Who looks: the name that is claimed, and what may be done. */
export interface Session {
  operator: string | null;
  readOnly: boolean;
  /** By what it was let in: a passkey proves the name. */
  entry: EntryKind;
  /** Whether it sees more than the page that makes a passkey. */
  seesPages: boolean;
  /** What time it is said to be on simulated accounts; null where nobody said. */
  rehearsedAt: Instant | null;
  /** Until it ends, when nobody looks any more. */
  secondsLeft: number;
}

/** The session of an id that the desk wrote and that goes on; null for any other. */
async function heldSession(place: EntryPlace, id: string): Promise<StoredSession | null> {
  const key = place.sealKey();
  const found = await ask(place.db, findSession(place.db, sessionHash(key, id), goingOn(place)));
  return found !== null && isSessionSealed(key, found) ? found : null;
}

/**
 * The session of an id, which goes on by being looked at; null for one that is over, was never begun, or stands in a
 * row that anything but the desk wrote or changed.
 */
export async function sessionOf(place: EntryPlace, id: string): Promise<Session | null> {
  const found = await heldSession(place, id);
  if (found === null) return null;
  const at = place.now();
  if (isSeenAnew(found.seenAt, at)) await noteSeen(place.db, found.idHash, at);
  return sessionAt(found, { at, seenAt: at, isExposed: place.exposure !== null });
}

/**
 * What a page that is open asks every few seconds, in one statement: its session, which that keeps not going, and the
 * newest audit record. @returns null for a session that is over or was never begun
 */
export async function pulseOf(
  place: EntryPlace,
  id: string,
): Promise<{ session: Session; head: AuditHead | null } | null> {
  const { db, now, exposure } = place;
  const key = place.sealKey();
  const [found, head] = await askTogether(
    db,
    findSession(db, sessionHash(key, id), goingOn(place)),
    auditHeadQuestion(db),
  );
  if (found === null || !isSessionSealed(key, found)) return null;
  return { session: sessionAt(found, { at: now(), seenAt: found.seenAt, isExposed: exposure !== null }), head };
}

const sessionAt = (
  { operator, readOnly, entry, rehearsedAt, enteredAt }: StoredSession,
  { at, seenAt, isExposed }: { at: Instant; seenAt: Instant; isExposed: boolean },
): Session => ({
  operator,
  readOnly,
  entry,
  seesPages: seesPages(entry, isExposed),
  rehearsedAt,
  secondsLeft: secondsLeft({ enteredAt, seenAt }, at, isExposed),
});

/** Ends a session: its id lets nobody in any more. */
export const leave = ({ db, now, sealKey }: EntryPlace, id: string): Promise<void> =>
  endSession(db, sessionHash(sealKey(), id), now());

/**
 * Who somebody says they are, from now on in this session. Refuses with OPERATOR_UNKNOWN a name of no policy, and with
 * NAME_PROVED where a passkey said who they are: whoever else they are enters as that.
 */
export const claimName = (
  place: EntryPlace,
  { id, policy, operator }: { id: string; policy: Policy; operator: string },
): Promise<Outcome<void>> =>
  outcomeOf(async () => {
    const named = operatorMeant(policy, operator);
    // What is sealed anew is what was held against its seal just now, whatever becomes of the row meanwhile.
    const held = await heldSession(place, id);
    if (held === null || held.operator === named) return;
    if (held.entry !== 'code')
      throw refusal('NAME_PROVED', `operator: ${bounded(operator)}: must stay ${held.operator}, who was let in`, {
        remedy: 'sign out, and enter by the passkey of that name',
      });
    await nameSession(place.db, { ...sealedSession(place.sealKey(), { ...held, operator: named }), operator: named });
  });

/**
 * What time it is from now on in this session, on a simulated account. Refuses with CLOCK_IS_REAL, and with AT_INVALID
 * what is no instant, or from before what has happened already.
 */
export const setRehearsalClock = (
  { db, now, sealKey }: EntryPlace,
  { id, account, typed }: { id: string; account: Account; typed: string },
): Promise<Outcome<void>> =>
  outcomeOf(async () => {
    const said = instantOf(typed);
    if (account.clock === 'simulated' && !isInstant(said))
      throw usageError(
        'AT_INVALID',
        `clock: ${bounded(typed)}: must be a date and a UK time, such as 2018-05-09 14:00`,
      );
    const meant = instantMeant(said, account, now());
    const newest = (await newestSimulatedInstant(db, account.account))?.at;
    // It is typed to the minute, in which the newest may be.
    if (newest !== undefined && meant.slice(0, MINUTE) < newest.slice(0, MINUTE))
      throw usageError(
        'AT_INVALID',
        `clock: ${bounded(typed)}: must be ${ukStamp(newest)} or later: ${account.account} has come so far`,
      );
    await rehearseSession(db, sessionHash(sealKey(), id), meant);
  });

/** Characters of an instant down to its minute. */
const MINUTE = '2018-05-09T14:00'.length;

/** A date and a UK time, `2018-05-09 14:00`, as an instant; anything else as it is, to be judged as one. */
function instantOf(typed: string): string {
  const [, date, time] = /^\s*(\d{4}-\d\d-\d\d)[ T]((?:[01]\d|2[0-3]):[0-5]\d)\s*$/.exec(typed) ?? [];
  return date === undefined || time === undefined || !isIsoDate(date) ? typed : londonInstant(date, time);
}
