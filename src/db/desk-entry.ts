import type { EntryKind } from '../domain/entry.js';
import type { Instant } from '../domain/types.js';
import type { Db } from './connect.js';
import { answeredAs, rows, rowsQuestion, withInstants, type Question } from './questions.js';

/** Codes and sessions of the desk: they end and are removed, and are no facts. */

/** A code as it is kept: of its secret only the hash. */
export interface StoredCode {
  codeId: string;
  secretHash: string;
  operator: string | null;
  readOnly: boolean;
  madeAt: Instant;
  expiresAt: Instant;
}

/** A session as it is kept: of its id only the hash. */
export interface StoredSession {
  idHash: string;
  operator: string | null;
  readOnly: boolean;
  entry: EntryKind;
  /** What time it is said to be on simulated accounts; null where nobody said. */
  rehearsedAt: Instant | null;
  enteredAt: Instant;
  seenAt: Instant;
}

/** Keeps a new code, and forgets those that let nobody in any more. */
export async function keepCode(db: Db, code: StoredCode): Promise<void> {
  await db.raw('delete from desk.codes where expires_at <= ?', [code.madeAt]);
  await db.raw(
    `insert into desk.codes (code_id, secret_hash, operator, read_only, made_at, expires_at) values (?, ?, ?, ?, ?, ?)`,
    [code.codeId, code.secretHash, code.operator, code.readOnly, code.madeAt, code.expiresAt],
  );
}

/**
 * Takes a code by which somebody is let in: it is gone then, whoever asks at the same moment.
 * @returns null where there is none with that secret that lets in at this instant
 */
export async function takeCode(
  db: Db,
  { codeId, secretHash, now, triesMax }: { codeId: string; secretHash: string; now: Instant; triesMax: number },
): Promise<Pick<StoredCode, 'operator' | 'readOnly'> | null> {
  const [taken] = await rows<Pick<StoredCode, 'operator' | 'readOnly'>>(
    db,
    `delete from desk.codes where code_id = ? and secret_hash = ? and expires_at > ? and wrong_tries < ?
     returning operator, read_only as "readOnly"`,
    [codeId, secretHash, now, triesMax],
  );
  return taken ?? null;
}

/** Counts a try of a code with a wrong secret, up to the number that burns it. */
export async function countWrongTry(db: Db, codeId: string, triesMax: number): Promise<void> {
  await db.raw('update desk.codes set wrong_tries = least(wrong_tries + 1, ?) where code_id = ?', [triesMax, codeId]);
}

/** Keeps a new session, and forgets those that were last seen before an instant. */
export async function keepSession(
  db: Db,
  session: Omit<StoredSession, 'rehearsedAt'>,
  seenSince: Instant,
): Promise<void> {
  await db.raw('delete from desk.sessions where seen_at < ?', [seenSince]);
  await db.raw(
    'insert into desk.sessions (id_hash, operator, read_only, entry, entered_at, seen_at) values (?, ?, ?, ?, ?, ?)',
    [session.idHash, session.operator, session.readOnly, session.entry, session.enteredAt, session.seenAt],
  );
}

/** The session of that id that was seen since an instant; null where there is none. */
export const findSession = (db: Db, idHash: string, seenSince: Instant): Question<StoredSession | null> => {
  const asked = rowsQuestion<StoredSession>(
    db,
    `select id_hash as "idHash", operator, read_only as "readOnly", entry, rehearsed_at as "rehearsedAt",
            entered_at as "enteredAt", seen_at as "seenAt"
       from desk.sessions where id_hash = ? and seen_at >= ?`,
    [idHash, seenSince],
  );
  return answeredAs(asked, (found) => withInstants(found, 'rehearsedAt', 'enteredAt', 'seenAt')[0] ?? null);
};

/** Writes down when a session was seen. */
export async function noteSeen(db: Db, idHash: string, now: Instant): Promise<void> {
  await db.raw('update desk.sessions set seen_at = greatest(seen_at, ?) where id_hash = ?', [now, idHash]);
}

/** Writes down the name that a session claims and has not proved, or what time simulated accounts are said to have. */
export async function changeSession(
  db: Db,
  idHash: string,
  { operator, rehearsedAt }: { operator?: string; rehearsedAt?: Instant },
): Promise<void> {
  await db.raw(
    `update desk.sessions set rehearsed_at = coalesce(?, rehearsed_at),
            operator = case entry when 'code' then coalesce(?, operator) else operator end where id_hash = ?`,
    [rehearsedAt ?? null, operator ?? null, idHash],
  );
}

/** Ends a session; one that is over already stays so. */
export async function endSession(db: Db, idHash: string): Promise<void> {
  await db.raw('delete from desk.sessions where id_hash = ?', [idHash]);
}

/** How many sessions were seen since an instant, by the name that is claimed in them, in order. */
export const countSessions = (
  db: Db,
  seenSince: Instant,
): Promise<(Pick<StoredSession, 'operator' | 'readOnly'> & { count: number; seenAt: Instant })[]> =>
  rows(
    db,
    `select operator, read_only as "readOnly", count(*)::int as count, max(seen_at) as "seenAt"
       from desk.sessions where seen_at >= ? group by 1, 2 order by 1, 2`,
    [seenSince],
  );
