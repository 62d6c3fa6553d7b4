import { Client } from 'pg';
import { reason } from '../parts.js';
import { APP_ROLE, databaseUrl, OWNER_ROLE, type RuntimeRecord } from '../record.js';

const CONNECT_MAX_MS = 5_000;

/** Why a login does not work: Postgres's SQLSTATE or the system's code, and the words. */
export interface Refusal {
  code: string;
  message: string;
}

/** Tries a login; null when it works. Never throws. */
export async function probe(url: string): Promise<Refusal | null> {
  try {
    await withClient(url, (client) => client.query('select 1'));
    return null;
  } catch (error) {
    return { code: (error as { code?: string }).code ?? 'UNKNOWN', message: reason(error) };
  }
}

/** Runs the work on one connection, closed afterwards. */
export async function withClient<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: CONNECT_MAX_MS });
  // A server that goes away while we are idle must reach us as a failed query, not as an uncaught event.
  client.on('error', () => undefined);
  try {
    await client.connect();
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/**
 * Makes the two login roles and the database where they are missing, and sets the roles' passwords to the record's.
 * The application's role gets no right but to connect (no dump carries the rights on a database itself, and a
 * restored one needs them too): the migrations grant the rest.
 */
export async function ensureDatabase(record: RuntimeRecord): Promise<void> {
  const { database, ownerPassword, appPassword } = record.postgres;
  await withClient(databaseUrl(record, 'superuser', 'postgres'), async (client) => {
    await ensureRole(client, OWNER_ROLE, 'LOGIN CREATEDB', ownerPassword);
    await ensureRole(client, APP_ROLE, 'LOGIN', appPassword);
    const found = await client.query('select 1 from pg_database where datname = $1', [database]);
    if (found.rowCount === 0) await client.query(`create database ${database} owner ${OWNER_ROLE}`);
    await client.query(`revoke all on database ${database} from public, ${APP_ROLE}`);
    await client.query(`grant connect on database ${database} to ${APP_ROLE}`);
  });
  await withClient(databaseUrl(record, 'superuser'), async (client) => {
    // Before Postgres 15 everybody could create in schema public.
    await client.query('revoke create on schema public from public');
    await client.query(`alter schema public owner to ${OWNER_ROLE}`);
  });
}

async function ensureRole(client: Client, role: string, options: string, password: string): Promise<void> {
  const found = await client.query('select 1 from pg_roles where rolname = $1', [role]);
  const verb = found.rowCount === 0 ? 'create' : 'alter';
  await client.query(`${verb} role ${role} ${options} password ${client.escapeLiteral(password)}`);
}
