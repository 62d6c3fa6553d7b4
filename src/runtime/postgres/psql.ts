import { execa } from 'execa';
import { delimiter, join } from 'node:path';
import { faultError, unreachableError } from '../../domain/errors.js';
import { isExecutable } from '../executable.js';
import { findPostgres } from './binaries.js';
import { probe, withClient } from './database.js';
import { postgresEnvironment } from './user.js';

/** Who and what a connection turned out to be. */
export interface Sanity {
  version: string;
  user: string;
  database: string;
}

/** Connects and asks the server who we are there. Throws "unreachable" (exit 69) when that fails. */
export async function sanity(url: string): Promise<Sanity> {
  await assertReachable(url);
  const { rows } = await withClient(url, (client) =>
    client.query<Sanity>('select version(), current_user as "user", current_database() as database'),
  );
  const [row] = rows;
  if (row) return row;
  throw faultError('DATABASE_SILENT', 'The database answered a select without a row.');
}

/**
 * Runs psql on the terminal with the given arguments, or on SQL that came by a pipe, which ends at its first error. The
 * password travels in the environment, never in the process list.
 */
export async function runPsql(url: string, args: string[], sql: string | null = null): Promise<number> {
  await assertReachable(url);
  const program = await psqlProgram();
  const bare = new URL(url);
  const password = decodeURIComponent(bare.password);
  bare.password = '';
  const env = postgresEnvironment({
    PGPASSWORD: password,
    LANG: process.env['LANG'] ?? 'C',
    HOME: process.env['HOME'] ?? '/',
  });
  const stop = sql === null ? [] : ['-v', 'ON_ERROR_STOP=1'];
  const result = await execa(program, ['-d', bare.href, ...stop, ...args], {
    ...(sql === null ? { stdin: 'inherit' as const } : { input: sql }),
    stdout: 'inherit',
    stderr: 'inherit',
    reject: false,
    env,
    extendEnv: false,
  });
  return result.exitCode ?? 1;
}

async function assertReachable(url: string): Promise<void> {
  const refused = await probe(url);
  if (!refused) return;
  const where = new URL(url).host;
  throw unreachableError('POSTGRES_DOWN', `Postgres at ${where} does not let us in: ${refused.message}`, {
    remedy: 'make up',
  });
}

async function psqlProgram(): Promise<string> {
  const server = await findPostgres();
  if (server) return join(server.dir, 'psql');
  const found = (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((dir) => join(dir, 'psql'))
    .find(isExecutable);
  if (found) return found;
  throw faultError('PSQL_MISSING', 'There is no psql on PATH.', {
    remedy: 'install the PostgreSQL client with your package manager',
  });
}
