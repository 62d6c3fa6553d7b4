import { Client } from 'pg';
import { statedUrl } from '../../db/session.js';
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
  const client = new Client({ connectionString: statedUrl(url), connectionTimeoutMillis: CONNECT_MAX_MS });
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
    await forgetRoleSettings(client);
  });
}

/**
 * Takes back what a role of ours, or anybody in our database, begins a session with: we set none of it, and a role may
 * set its own.
 * @param client of a superuser, in the database
 */
export async function forgetRoleSettings(client: Client): Promise<void> {
  const { rows } = await client.query<{ role: string | null; database: string | null }>(
    `select r.rolname as role, d.datname as database from pg_db_role_setting s
       left join pg_roles r on r.oid = s.setrole left join pg_database d on d.oid = s.setdatabase
      where d.datname = current_database() or (s.setdatabase = 0 and r.rolname = any($1))`,
    [[OWNER_ROLE, APP_ROLE]],
  );
  for (const { role, database } of rows) {
    const where = database === null ? '' : `database ${client.escapeIdentifier(database)}`;
    const whose = role === null ? `alter ${where}` : `alter role ${client.escapeIdentifier(role)}`;
    await client.query(`${whose}${role !== null && where !== '' ? ` in ${where}` : ''} reset all`);
  }
}

async function ensureRole(client: Client, role: string, options: string, password: string): Promise<void> {
  const found = await client.query('select 1 from pg_roles where rolname = $1', [role]);
  const verb = found.rowCount === 0 ? 'create' : 'alter';
  await client.query(`${verb} role ${role} ${options} password ${client.escapeLiteral(password)}`);
}
