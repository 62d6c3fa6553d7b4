import { endSession, findSession, noteSeen } from '../../db/desk-entry.js';
import { isSeenAnew, secondsLeft, seenSince } from '../../domain/entry.js';
import { sha256 } from '../../domain/hash.js';
import type { Installation } from '../installation.js';

/** Who looks: the name that is claimed, and what may be done. */
export interface Session {
  operator: string | null;
  readOnly: boolean;
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
  const { operator, readOnly, seenAt } = found;
  return { operator, readOnly, secondsLeft: secondsLeft(isLook ? at : seenAt, at) };
}

/** Ends a session: its id lets nobody in any more. */
export const leave = ({ db }: Place, id: string): Promise<void> => endSession(db, sha256(id));
