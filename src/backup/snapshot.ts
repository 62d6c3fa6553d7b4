import { Client } from 'pg';
import { setTimeout as delay } from 'node:timers/promises';
import { isDatabaseAway } from '../db/connect.js';
import { statedUrl } from '../db/session.js';
import { faultError, unreachableError } from '../domain/errors.js';

const LOCK_POLL_MS = 200;

/** One connection that holds the lock of backups and, once taken, a snapshot that pg_dump reads too. */
export interface SnapshotConnection {
  client: Client;
  database: string;
  serverVersion: string;
  serverMajor: number;
  /** Opens the transaction whose snapshot is exported. @returns the snapshot's name for pg_dump */
  takeSnapshot(): Promise<string>;
}

/**
 * Runs work while holding the database's lock of backups: one at a time, whichever machine asks. The lock is the
 * connection's: whoever dies loses it at once.
 * @param waiting told once when another backup is under way.
 */
export async function withBackupLock<T>(
  databaseUrl: string,
  signal: AbortSignal,
  waiting: () => void,
  work: (connection: SnapshotConnection) => Promise<T>,
): Promise<T> {
  const client = new Client({
    connectionString: statedUrl(databaseUrl),
    connectionTimeoutMillis: 5_000,
    application_name: 'trading-ops backup',
    keepAlive: true,
  });
  // A server that goes away is seen by the query under way.
  client.on('error', () => undefined);
  const stop = () => void client.end().catch(() => undefined);
  try {
    await client.connect();
    signal.addEventListener('abort', stop, { once: true });
    await acquire(client, signal, waiting);
    return await work(await connectionOf(client));
  } catch (error) {
    signal.throwIfAborted();
    throw explained(error, databaseUrl);
  } finally {
    signal.removeEventListener('abort', stop);
    await client.end().catch(() => undefined);
  }
}

async function acquire(client: Client, signal: AbortSignal, waiting: () => void): Promise<void> {
  for (let tries = 0; ; tries++) {
    const { rows } = await client.query<{ held: boolean }>(
      `select pg_try_advisory_lock(hashtextextended('backup', 0)) as held`,
    );
    if (rows[0]?.held) return;
    if (tries === 0) waiting();
    await delay(LOCK_POLL_MS, undefined, { signal });
  }
}

async function connectionOf(client: Client): Promise<SnapshotConnection> {
  const {
    rows: [server],
  } = await client.query<{ database: string; version: string; number: number }>(
    `select current_database() as database, current_setting('server_version') as version, current_setting('server_version_num')::int as number`,
  );
  if (!server) throw faultError('BACKUP_DUMP_FAILED', 'Postgres does not say its version.');
  return {
    client,
    database: server.database,
    serverVersion: server.version,
    serverMajor: Math.floor(server.number / 10_000),
    async takeSnapshot() {
      await client.query('begin isolation level repeatable read read only');
      await client.query('set local idle_in_transaction_session_timeout = 0');
      const {
        rows: [exported],
      } = await client.query<{ snapshot: string }>('select pg_export_snapshot() as snapshot');
      return exported?.snapshot ?? '';
    },
  };
}

function explained(error: unknown, databaseUrl: string): unknown {
  if (!isDatabaseAway(error)) return error;
  return unreachableError(
    'POSTGRES_DOWN',
    `Postgres at ${databaseUrl.replace(/\/\/.*@/, '//')} does not answer, or went away during the backup`,
    { cause: error, remedy: 'make up' },
  );
}
