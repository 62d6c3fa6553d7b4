import { closeSessionsSchema, type CloseSessions } from '../../contract/close-sessions.js';
import { parseInput } from '../../contract/reading.js';
import { appendAudit } from '../../db/audit.js';
import { endAll, endSession } from '../../db/desk-entry.js';
import { inTransaction } from '../../db/transaction.js';
import { sessionHash } from '../../domain/entry-seals.js';
import { outcomeOf, refusal, type Outcome } from '../../domain/errors.js';
import { bounded } from '../../domain/text.js';
import { listSessions, type ListedSession, type OpenDoors } from './list-sessions.js';
import type { EntryPlace } from './place.js';

/** What was ended. */
export interface ClosedSessions {
  sessions: ListedSession[];
  /** Codes that let nobody in any more. */
  codes: number;
}

/**
 * Ends a session of the desk, or all of them with every code that is open, and writes down who did. It is over for
 * ever, whatever becomes of its row. Refuses with SESSION_UNKNOWN one that is not let in.
 * @param by operator: who asks; ownId: the id of the session that asks, which goes on where all others end; left out at
 *   a terminal, where none does.
 */
export function closeSessions(
  place: EntryPlace,
  { operator, ownId }: { operator: string; ownId?: string | undefined },
  input: CloseSessions,
): Promise<Outcome<ClosedSessions>> {
  return outcomeOf(async () => {
    const { session } = parseInput(closeSessionsSchema, input);
    const open = await listSessions(place, ownId);
    const closed = session === 'all' ? othersOf(open) : { sessions: [sessionNamed(open, session)], codes: 0 };
    const at = place.now();
    await inTransaction(place.db, async (trx) => {
      if (session === 'all') await endAll(trx, ownId === undefined ? null : sessionHash(place.sealKey(), ownId), at);
      else for (const one of closed.sessions) await endSession(trx, one.session, at);
      await appendAudit(trx, {
        at,
        account: null,
        actor: operator,
        action: 'desk.sessions_ended',
        subject: session === 'all' ? 'all' : shortOf(closed.sessions[0]),
        detail: {
          sessions: closed.sessions.map((one) => ({ session: shortOf(one), operator: one.operator })),
          codes: closed.codes,
        },
      });
    });
    return closed;
  });
}

/** The beginning of what a session is known by, as people read and type it. */
const shortOf = (session: Pick<ListedSession, 'session'> | undefined): string => (session?.session ?? '').slice(0, 8);

const othersOf = ({ sessions, codes }: OpenDoors): ClosedSessions => ({
  sessions: sessions.filter(({ isOwn }) => !isOwn),
  codes,
});

function sessionNamed({ sessions }: OpenDoors, asked: string): ListedSession {
  const [found, another] = sessions.filter(({ session }) => session.startsWith(asked));
  if (found !== undefined && another === undefined) return found;
  const why = found === undefined ? 'nobody is let in by such a session' : 'more than one begins like that';
  throw refusal('SESSION_UNKNOWN', `session: ${bounded(asked)}: ${why}`, { remedy: 'trading-ops desk sessions' });
}
