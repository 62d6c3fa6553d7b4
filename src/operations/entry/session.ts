import { auditHeadQuestion, type AuditHead } from '../../db/audit.js';
import { changeSession, endSession, findSession, noteSeen, type StoredSession } from '../../db/desk-entry.js';
import { ask, askTogether } from '../../db/questions.js';
import { isSeenAnew, secondsLeft, seenSince, seesPages, type EntryKind } from '../../domain/entry.js';
import type { Exposure } from '../../domain/exposure.js';
import { londonInstant } from '../../domain/calendar/calendar.js';
import { isInstant, isIsoDate } from '../../domain/dates.js';
import { operatorMeant } from '../accounts/meant.js';
import { outcomeOf, refusal, usageError, type Outcome } from '../../domain/errors.js';
import { instantMeant } from '../../domain/day/clock.js';
import { sha256 } from '../../domain/hash.js';
import { bounded } from '../../domain/text.js';
import type { Policy } from '../../domain/policy/policy.js';
import type { Account, Instant } from '../../domain/types.js';
import type { Installation } from '../installation.js';

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

type Place = Pick<Installation, 'db' | 'now'>;

/** Where sessions go on: on a desk that other machines reach they end sooner. */
export interface EntryPlace extends Place {
  exposure: Exposure | null;
}

/** The session of an id, which goes on by being looked at; null for one that is over or was never begun. */
export async function sessionOf({ db, now, exposure }: EntryPlace, id: string): Promise<Session | null> {
  const [at, idHash, isExposed] = [now(), sha256(id), exposure !== null];
  const found = await ask(db, findSession(db, idHash, seenSince(at, isExposed)));
  if (found === null) return null;
  if (isSeenAnew(found.seenAt, at)) await noteSeen(db, idHash, at);
  return sessionAt(found, { at, seenAt: at, isExposed });
}

/**
 * What a page that is open asks every few seconds, in one statement: its session, which that keeps not going, and the
 * newest audit record. @returns null for a session that is over or was never begun
 */
export async function pulseOf(
  { db, now, exposure }: EntryPlace,
  id: string,
): Promise<{ session: Session; head: AuditHead | null } | null> {
  const [at, isExposed] = [now(), exposure !== null];
  const [found, head] = await askTogether(
    db,
    findSession(db, sha256(id), seenSince(at, isExposed)),
    auditHeadQuestion(db),
  );
  return found && { session: sessionAt(found, { at, seenAt: found.seenAt, isExposed }), head };
}

const sessionAt = (
  { operator, readOnly, entry, rehearsedAt }: StoredSession,
  { at, seenAt, isExposed }: { at: Instant; seenAt: Instant; isExposed: boolean },
): Session => ({
  operator,
  readOnly,
  entry,
  seesPages: seesPages(entry, isExposed),
  rehearsedAt,
  secondsLeft: secondsLeft(seenAt, at, isExposed),
});

/** Ends a session: its id lets nobody in any more. */
export const leave = ({ db }: Place, id: string): Promise<void> => endSession(db, sha256(id));

/**
 * Who somebody says they are, from now on in this session. Refuses with OPERATOR_UNKNOWN a name of no policy, and with
 * NAME_PROVED where a passkey said who they are: whoever else they are enters as that.
 */
export const claimName = (
  { db }: Place,
  { id, session, policy, operator }: { id: string; session: Session; policy: Policy; operator: string },
): Promise<Outcome<void>> =>
  outcomeOf(async () => {
    const named = operatorMeant(policy, operator);
    if (session.entry !== 'code' && named !== session.operator)
      throw refusal('NAME_PROVED', `operator: ${bounded(operator)}: must stay ${session.operator}, who was let in`, {
        remedy: 'sign out, and enter by the passkey of that name',
      });
    await changeSession(db, sha256(id), { operator: named });
  });

/**
 * What time it is from now on in this session, on a simulated account. Refuses with CLOCK_IS_REAL, and with AT_INVALID
 * what is no instant.
 */
export const setRehearsalClock = (
  { db, now }: Place,
  { id, account, typed }: { id: string; account: Account; typed: string },
): Promise<Outcome<void>> =>
  outcomeOf(async () => {
    const said = instantOf(typed);
    if (account.clock === 'simulated' && !isInstant(said))
      throw usageError('AT_INVALID', `clock: ${bounded(typed)}: must be a date and a UK time, such as 2018-05-09 14:00`);
    await changeSession(db, sha256(id), { rehearsedAt: instantMeant(said, account, now()) });
  });

/** A date and a UK time, `2018-05-09 14:00`, as an instant; anything else as it is, to be judged as one. */
function instantOf(typed: string): string {
  const [, date, time] = /^\s*(\d{4}-\d\d-\d\d)[ T]((?:[01]\d|2[0-3]):[0-5]\d)\s*$/.exec(typed) ?? [];
  return date === undefined || time === undefined || !isIsoDate(date) ? typed : londonInstant(date, time);
}
