import { countSessions } from '../../db/desk-entry.js';
import { seenSince } from '../../domain/entry.js';
import type { Installation } from '../installation.js';

/** Sessions of the desk that are not over, by the name that is claimed in them, with when one was seen last. */
export const listSessions = ({ db, now }: Pick<Installation, 'db' | 'now'>): ReturnType<typeof countSessions> =>
  countSessions(db, seenSince(now()));
