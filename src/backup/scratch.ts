import { Client } from 'pg';
import { setTimeout as delay } from 'node:timers/promises';
import { isDatabaseAway } from '../db/connect.js';
import { statedUrl } from '../db/session.js';
import { refusal, unreachableError } from '../domain/errors.js';

const INFIX = '_restore_';
const NAME_MAX = 63;
const LOCK_POLL_MS = 200;
const DROP_TRIES = 20;
const NOT_PERMITTED = '42501';

/**
 * Runs work in an empty scratch database of the same server and drops it afterwards, whatever happened. One at a time
 * for a database: whoever holds the lock also drops what a killed one has left.
 * @param ownerUrl login that may create databases.
 * @param name told apart by it in the server's list, such as an instant; letters and digits.
 */
export async function withScratchDatabase<T>(
  { ownerUrl, name, signal }: { ownerUrl: string; name: string; signal: AbortSignal },
  work: (scratchUrl: string, serverMajor: number) => Promise<T>,
): Promise<T> {
  return onConnection(ownerUrl, async (client) => {
    const database = decodeURIComponent(new URL(ownerUrl).pathname.slice(1));
    await acquire(client, signal);
    await sweep(client, database);
    const scratch = `${database.slice(0, NAME_MAX - INFIX.length - name.length)}${INFIX}${name}`;
    await create(client, scratch);
    const drop = () => dropDatabase(client, scratch);
    const result = await work(urlOf(ownerUrl, scratch), await majorOf(client)).catch(async (error: unknown) => {
      // With Postgres away it stays, and the next test drops it; what went wrong first is what is told.
      await drop().catch(() => undefined);
      throw error;
    });
    await drop();
    return result;
  });
}

async function sweep(client: Client, database: string): Promise<void> {
  for (const name of await scratchesOf(client, database)) await dropDatabase(client, name);
}

async function scratchesOf(client: Client, database: string): Promise<string[]> {
  const { rows } = await client.query<{ datname: string }>(
    'select datname from pg_database where starts_with(datname, $1) order by 1',
    [database.slice(0, 40)],
  );
  return rows.map(({ datname }) => datname).filter((name) => isScratchOf(name, database));
}

/** A long name is cut for the sake of the suffix: then what is left of it must be the beginning of ours. */
function isScratchOf(name: string, database: string): boolean {
  const at = name.lastIndexOf(INFIX);
  const stem = name.slice(0, at);
  return at > 0 && (stem === database || (database.startsWith(stem) && name.length === NAME_MAX));
}

async function create(client: Client, name: string): Promise<void> {
  try {
    // template0: nothing that somebody has put into template1 may be in the way.
    await client.query(`create database ${client.escapeIdentifier(name)} template template0`);
    // Nobody else has business there, and a stranger's session could not be ended when it is dropped.
    await client.query(`revoke all on database ${client.escapeIdentifier(name)} from public`);
  } catch (error) {
    if ((error as { code?: string }).code !== NOT_PERMITTED) throw error;
    const { rows } = await client.query<{ role: string }>('select current_user as role');
    throw refusal(
      'SCRATCH_NOT_PERMITTED',
      `the role ${rows[0]?.role} may not create databases, so a backup cannot be restored beside the live one`,
      {
        cause: error,
        remedy: `as a superuser of that server: ALTER ROLE ${rows[0]?.role} CREATEDB; or name another owner in DATABASE_OWNER_URL`,
      },
    );
  }
}

/**
 * Ends whoever is still connected. Autovacuum may be at work there: a plain drop ends it and waits, a forced one is
 * refused meanwhile.
 */
async function dropDatabase(client: Client, name: string): Promise<void> {
  for (let tried = 1; ; tried++) {
    try {
      await client.query(
        `drop database if exists ${client.escapeIdentifier(name)}${tried % 2 === 1 ? ' with (force)' : ''}`,
      );
      return;
    } catch (error) {
      if (tried === DROP_TRIES || isDatabaseAway(error)) throw error;
      await delay(50);
    }
  }
}

async function acquire(client: Client, signal: AbortSignal): Promise<void> {
  for (;;) {
    const { rows } = await client.query<{ held: boolean }>(
      `select pg_try_advisory_lock(hashtextextended('restore-test', 0)) as held`,
    );
    if (rows[0]?.held) return;
    await delay(LOCK_POLL_MS, undefined, { signal });
  }
}

async function majorOf(client: Client): Promise<number> {
  const { rows } = await client.query<{ number: number }>(
    `select current_setting('server_version_num')::int as number`,
  );
  return Math.floor((rows[0]?.number ?? 0) / 10_000);
}

async function onConnection<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({
    connectionString: statedUrl(url),
    connectionTimeoutMillis: 5_000,
    application_name: 'trading-ops restore-test',
    keepAlive: true,
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return await work(client);
  } catch (error) {
    if (!isDatabaseAway(error)) throw error;
    throw unreachableError(
      'POSTGRES_DOWN',
      `Postgres at ${url.replace(/\/\/.*@/, '//')} does not answer, or went away`,
      { cause: error, remedy: 'make up' },
    );
  } finally {
    await client.end().catch(() => undefined);
  }
}

function urlOf(ownerUrl: string, database: string): string {
  const url = new URL(ownerUrl);
  url.pathname = `/${encodeURIComponent(database)}`;
  return url.href;
}
