import { pageSessionsSchema, SESSIONS_OF_PAGE, type PageSessions } from '../../contract/lists.js';
import { parseInput } from '../../contract/reading.js';
import { countCodes, sessionsGoingOn, type StoredSession } from '../../db/desk-entry.js';
import { isSessionSealed, sessionHash } from '../../domain/entry-seals.js';
import { outcomeOf, type Outcome } from '../../domain/errors.js';
import type { EntryKind } from '../../domain/entry.js';
import type { Instant, Sha256 } from '../../domain/types.js';
import { goingOn, type EntryPlace } from './place.js';

/** A session as a person is shown it. */
export interface ListedSession {
  /** What it is known by: the hash of its id, which lets nobody in. */
  session: Sha256;
  operator: string | null;
  readOnly: boolean;
  entry: EntryKind;
  enteredAt: Instant;
  seenAt: Instant;
  /** Whether it is the one of whoever looks. */
  isOwn: boolean;
}

/** What may let somebody in at this moment. */
export interface OpenDoors {
  /** Sessions that go on, the one that was seen last first. */
  sessions: ListedSession[];
  /** Codes that were made and not used. */
  codes: number;
  /** Rows of sessions that the desk did not write, or not like that: they let nobody in. */
  strange: number;
}

/** Who is let in at the desk, and what else would let in. @param ownId the id of the session that looks, if one does */
export async function listSessions(place: EntryPlace, ownId?: string): Promise<OpenDoors> {
  const [found, codes] = await Promise.all([
    sessionsGoingOn(place.db, goingOn(place)),
    countCodes(place.db, place.now()),
  ]);
  const key = place.sealKey();
  const own = ownId === undefined ? null : sessionHash(key, ownId);
  const sealed = found.filter((session) => isSessionSealed(key, session));
  return {
    sessions: sealed.map((session) => listed(session, own)),
    codes,
    strange: found.length - sealed.length,
  };
}

/** A page of who is let in, who entered last first. */
export interface SessionsPage extends OpenDoors {
  /** How many sessions go on, on this page or another. */
  total: number;
  /** Before which place the next page begins; null on the last one. */
  older: string | null;
}

/** The newest sessions, or those before one, a page at a time; and what else would let in. @param ownId as above */
export const pageSessions = (place: EntryPlace, ownId: string, input: PageSessions): Promise<Outcome<SessionsPage>> =>
  outcomeOf(async () => {
    const { before } = parseInput(pageSessionsSchema, input);
    const open = await listSessions(place, ownId);
    const places = open.sessions
      .map((session) => ({ at: placeIn(session), session }))
      .toSorted((a, b) => (a.at < b.at ? 1 : -1))
      .filter(({ at }) => before === null || at < before);
    return {
      ...open,
      sessions: places.slice(0, SESSIONS_OF_PAGE).map(({ session }) => session),
      total: open.sessions.length,
      older: places.length > SESSIONS_OF_PAGE ? (places[SESSIONS_OF_PAGE - 1]?.at ?? null) : null,
    };
  });

/** When it began and not when it was seen last, which moves while somebody turns the pages. */
const placeIn = ({ enteredAt, session }: ListedSession): string => `${enteredAt}_${session}`;

const listed = (
  { idHash, operator, readOnly, entry, enteredAt, seenAt }: StoredSession,
  own: Sha256 | null,
): ListedSession => ({ session: idHash, operator, readOnly, entry, enteredAt, seenAt, isOwn: idHash === own });
