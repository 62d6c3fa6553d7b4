import knex, { type Knex } from 'knex';
import pg from 'pg';
import { statedUrl } from './session.js';

/** A connection or a transaction: every query function takes one, so that callers compose them into one atomic step. */
export type Db = Knex | Knex.Transaction;

const { builtins } = pg.types;
// Dates stay `YYYY-MM-DD` and instants ISO strings: a JavaScript Date would shift the one and lose the other's
// microseconds' meaning.
pg.types.setTypeParser(builtins.DATE, (text) => text);
pg.types.setTypeParser(builtins.TIMESTAMPTZ, (text) => new Date(text).toISOString());
// Ids and counts fit a double exactly; numeric keeps its text, for money is never a float.
pg.types.setTypeParser(builtins.INT8, Number);

/** How long a session waits for what, in milliseconds. */
export interface Patience {
  /** For a connection. */
  connect: number;
  /** For a lock that somebody holds. */
  lock: number;
  /** For a statement, as the server counts. */
  statement: number;
  /** For an answer, as we count: a server that is stopped counts nothing. */
  answer: number;
}

/** Whoever types sees after ten seconds who holds the lock; only a look over years takes minutes. */
export const OF_A_COMMAND: Patience = { connect: 5_000, lock: 10_000, statement: 600_000, answer: 620_000 };
/** An activity ends before the server gives it up (a minute), and outlives a holder that is ended for idling. */
export const OF_THE_WORKER: Patience = { connect: 5_000, lock: 30_000, statement: 45_000, answer: 55_000 };
/** The kill switch does not wait: what Postgres does not take at once is kept in a file. */
export const OF_THE_KILL_SWITCH: Patience = { connect: 1_500, lock: 1_500, statement: 2_000, answer: 2_500 };
/** Somebody waits before a page: what takes longer is told as away, and looked at again. */
export const OF_THE_DESK: Patience = { connect: 2_000, lock: 2_000, statement: 10_000, answer: 12_000 };
/**
 * A transaction of ours computes between its statements for less than a second. One that does nothing for so long
 * belongs to a process that was stopped, and every other one waits for its locks: the server ends it.
 */
const IDLE_IN_TRANSACTION_MS = 20_000;

/**
 * Opens a pool for the application's role, whose sessions wait for nothing without end.
 * @param poolMax connections at most: no fewer than the worker's concurrent activities.
 */
export function connect(databaseUrl: string, poolMax = 10, patience = OF_A_COMMAND): Knex {
  return knex({
    client: 'pg',
    connection: sessionOf(databaseUrl, patience),
    pool: { min: 0, max: poolMax, acquireTimeoutMillis: 10_000 },
    // What knex would warn of (a connection refused, with its stack) is thrown too, and told once in the operator's words.
    log: { warn: () => undefined },
  });
}

/** The driver takes more than knex's types know. */
function sessionOf(databaseUrl: string, patience: Patience): Knex.PgConnectionConfig {
  const session: pg.ClientConfig = {
    connectionString: statedUrl(databaseUrl, { quick: true }),
    application_name: 'trading-ops',
    connectionTimeoutMillis: patience.connect,
    lock_timeout: patience.lock,
    statement_timeout: patience.statement,
    query_timeout: patience.answer,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
  };
  return session as Knex.PgConnectionConfig;
}

/** Asks the server for nothing: fails when it is away. */
export async function reach(db: Db): Promise<void> {
  await db.raw('select 1');
}

/** Whether the server of a URL lets us in and answers within that time; throws when it does not. */
export async function answersWithin(databaseUrl: string, ms: number): Promise<void> {
  const client = new pg.Client({
    connectionString: statedUrl(databaseUrl),
    application_name: 'trading-ops',
    connectionTimeoutMillis: ms,
    query_timeout: ms,
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('select 1');
  } finally {
    // A server that is stopped says no farewell.
    void client.end().catch(() => undefined);
  }
}

/** What Postgres says when a lock was not given, and when a statement took too long. */
const LOCKED = '55P03';
const TOO_LONG = '57014';
/** What Postgres says when its disk is full. */
const NO_ROOM = '53100';

const sqlstate = (error: unknown): string => String((error as { code?: unknown } | null)?.code ?? '');

/** Whether somebody else held a lock for longer than we waited. */
const isLocked = (error: unknown): boolean => sqlstate(error) === LOCKED;
/** Whether a statement took longer than it may. */
const isTooLong = (error: unknown): boolean => sqlstate(error) === TOO_LONG;
/** Whether Postgres has no room to write. */
const isDiskFull = (error: unknown): boolean => sqlstate(error) === NO_ROOM;

/** Connection errors of Node, and what Postgres says while it stops, starts, or has no connection to spare. */
const AWAY = /^(ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENOTFOUND|ENOENT|EPIPE|08\d{3}|57P0\d|53300|25P03)$/;

/** Whether an error of the driver says that Postgres is away, so that trying again later is right. */
export function isDatabaseAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = (error as NodeJS.ErrnoException).code ?? '';
  return (
    AWAY.test(code) || /timeout|Connection terminated|Client has encountered a connection error/i.test(error.message)
  );
}

/** What Postgres has against a statement that nothing is wrong with. */
export type DatabaseTrouble = 'DISK_FULL' | 'DATABASE_LOCKED' | 'DATABASE_SLOW' | 'POSTGRES_DOWN';

/** The code of what an error of the driver tells of the server; null when it tells of the statement. */
export function databaseTrouble(error: unknown): DatabaseTrouble | null {
  if (isDiskFull(error)) return 'DISK_FULL';
  if (isLocked(error)) return 'DATABASE_LOCKED';
  if (isTooLong(error)) return 'DATABASE_SLOW';
  return isDatabaseAway(error) ? 'POSTGRES_DOWN' : null;
}
