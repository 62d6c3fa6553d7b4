import type { CodeFacts, SessionFacts } from '../domain/entry-seals.js';
import type { Instant, Sha256 } from '../domain/types.js';
import type { Db } from './connect.js';
import { answeredAs, rows, rowsQuestion, withInstants, type Question } from './questions.js';

/*
 * Codes and sessions of the desk: they end and are removed, and are no facts. Whoever reads them here holds each
 * against its seal, for these rows can be written around the program.
 */

/** A code as it is kept: of its secret only the hash. */
export interface StoredCode extends CodeFacts {
  seal: string;
}

/** A session as it is kept: of its id only the hash. */
export interface StoredSession extends SessionFacts {
  seal: string;
  /** What time it is said to be on simulated accounts; null where nobody said. */
  rehearsedAt: Instant | null;
  seenAt: Instant;
}

/** Since when sessions go on: when they must have been seen last, and begun. */
export interface GoingOn {
  seenSince: Instant;
  enteredAfter: Instant;
  now: Instant;
}

/** That nothing ended a row of sessions `s` or codes `s` by its hash, or everything from before an instant. */
const isOpen = (hash: string, begun: string): string => `
  not exists (select from desk.endings e where e.ended = s.${hash})
  and not exists (select from desk.endings e where e.ended is null and e.spared is distinct from s.${hash}
                     and e.ended_at >= s.${begun} and e.ended_at <= ?)`;

/** Keeps a new code, and forgets those that let nobody in any more. */
export async function keepCode(db: Db, code: StoredCode): Promise<void> {
  await db.raw('delete from desk.codes where expires_at <= ?', [code.madeAt]);
  await db.raw(
    `insert into desk.codes (code_id, secret_hash, operator, read_only, made_at, expires_at, seal)
     values (?, ?, ?, ?, ?, ?, ?)`,
    [code.codeId, code.secretHash, code.operator, code.readOnly, code.madeAt, code.expiresAt, code.seal],
  );
}

/**
 * Takes a code by which somebody is let in: it is gone then, whoever asks at the same moment, and stays used where its
 * row is put back.
 * @returns null where there is none with that secret that lets in at this instant
 */
export async function takeCode(
  db: Db,
  { codeId, secretHash, now, triesMax }: { codeId: string; secretHash: Sha256; now: Instant; triesMax: number },
): Promise<StoredCode | null> {
  const [taken] = await rows<StoredCode>(
    db,
    `delete from desk.codes s
      where code_id = ? and secret_hash = ? and expires_at > ? and wrong_tries < ? and ${isOpen('secret_hash', 'made_at')}
     returning code_id as "codeId", secret_hash as "secretHash", operator, read_only as "readOnly",
               made_at as "madeAt", expires_at as "expiresAt", seal`,
    [codeId, secretHash, now, triesMax, now],
  );
  return taken !== undefined && (await end(db, secretHash, now)) ? taken : null;
}

/** Counts a try of a code with a wrong secret, up to the number that burns it. */
export async function countWrongTry(db: Db, codeId: string, triesMax: number): Promise<void> {
  await db.raw('update desk.codes set wrong_tries = least(wrong_tries + 1, ?) where code_id = ?', [triesMax, codeId]);
}

/**
 * Keeps a new session, and forgets those that were last seen before an instant, and what ended so long ago that nothing
 * from then can go on.
 */
export async function keepSession(
  db: Db,
  session: Omit<StoredSession, 'rehearsedAt'>,
  seenSince: Instant,
): Promise<void> {
  await db.raw('delete from desk.sessions where seen_at < ?', [seenSince]);
  await db.raw('select forget_endings()');
  await db.raw(
    `insert into desk.sessions (id_hash, operator, read_only, entry, entered_at, seen_at, seal)
     values (?, ?, ?, ?, ?, ?, ?)`,
    [
      session.idHash,
      session.operator,
      session.readOnly,
      session.entry,
      session.enteredAt,
      session.seenAt,
      session.seal,
    ],
  );
}

const SESSION = `id_hash as "idHash", operator, read_only as "readOnly", entry, rehearsed_at as "rehearsedAt",
                 entered_at as "enteredAt", seen_at as "seenAt", seal`;
const GOES_ON = `s.seen_at >= ? and s.entered_at > ? and ${isOpen('id_hash', 'entered_at')}`;

/** The session of that id that goes on; null where there is none. */
export const findSession = (
  db: Db,
  idHash: Sha256,
  { seenSince, enteredAfter, now }: GoingOn,
): Question<StoredSession | null> => {
  const asked = rowsQuestion<StoredSession>(
    db,
    `select ${SESSION} from desk.sessions s where s.id_hash = ? and ${GOES_ON}`,
    [idHash, seenSince, enteredAfter, now],
  );
  return answeredAs(asked, (found) => withInstants(found, 'rehearsedAt', 'enteredAt', 'seenAt')[0] ?? null);
};

/** Every session that goes on, the one that was seen last first. */
export const sessionsGoingOn = (db: Db, { seenSince, enteredAfter, now }: GoingOn): Promise<StoredSession[]> =>
  rows<StoredSession>(
    db,
    `select ${SESSION} from desk.sessions s where ${GOES_ON} order by s.seen_at desc, s.id_hash`,
    [seenSince, enteredAfter, now],
  );

/** Writes down when a session was seen. */
export async function noteSeen(db: Db, idHash: Sha256, now: Instant): Promise<void> {
  await db.raw('update desk.sessions set seen_at = greatest(seen_at, ?) where id_hash = ?', [now, idHash]);
}

/** Writes down the name that a session claims and has not proved, with the seal of it. */
export async function nameSession(
  db: Db,
  { idHash, operator, seal }: Pick<StoredSession, 'idHash' | 'operator' | 'seal'>,
): Promise<void> {
  await db.raw(`update desk.sessions set operator = ?, seal = ? where id_hash = ?`, [operator, seal, idHash]);
}

/** Writes down what time simulated accounts are said to have. */
export async function rehearseSession(db: Db, idHash: Sha256, rehearsedAt: Instant): Promise<void> {
  await db.raw('update desk.sessions set rehearsed_at = ? where id_hash = ?', [rehearsedAt, idHash]);
}

/**
 * Writes down that something is over for ever: a session, a code, a question.
 * @returns whether it was not over before
 */
export async function end(db: Db, hash: Sha256, now: Instant): Promise<boolean> {
  const ended = await rows(
    db,
    'insert into desk.endings (ended, ended_at) values (?, ?) on conflict do nothing returning 1',
    [hash, now],
  );
  return ended.length > 0;
}

/** Ends a session; one that is over already stays so. */
export async function endSession(db: Db, idHash: Sha256, now: Instant): Promise<void> {
  await end(db, idHash, now);
  await db.raw('delete from desk.sessions where id_hash = ?', [idHash]);
}

/**
 * Ends every session and every code there is, by their instants too: a row that is hidden meanwhile is over as well.
 * @param spared the session that goes on; null for none
 */
export async function endAll(db: Db, spared: Sha256 | null, now: Instant): Promise<void> {
  await db.raw('insert into desk.endings (spared, ended_at) values (?, ?)', [spared, now]);
  await db.raw('delete from desk.sessions where id_hash is distinct from ?', [spared]);
  await db.raw('delete from desk.codes');
}

/** How many codes let somebody in at this instant. */
export async function countCodes(db: Db, now: Instant): Promise<number> {
  const [found] = await rows<{ count: number }>(
    db,
    `select count(*)::int as count from desk.codes s where expires_at > ? and ${isOpen('secret_hash', 'made_at')}`,
    [now, now],
  );
  return found?.count ?? 0;
}
