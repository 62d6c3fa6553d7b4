import { execa } from 'execa';
import { statedUrl } from '../db/session.js';
import { faultError, unreachableError } from '../domain/errors.js';
import { postgresEnvironment } from '../runtime/postgres/user.js';
import type { DumpPrograms } from './programs.js';

/** Jobs of pg_restore: tables load side by side, then indexes and constraints. */
const JOBS = 2;
const KILL_AFTER_MS = 5_000;
const AWAY =
  /connection to server .* failed|server closed the connection|terminating connection|the database system is|could not connect/i;
const FULL = /No space left on device|Disk quota exceeded|could not extend file/i;

export interface RestoreJob {
  programs: DumpPrograms;
  /** An empty database, by the login that shall own what is restored. */
  databaseUrl: string;
  dump: string;
  signal: AbortSignal;
}

/**
 * Restores a dump into an empty database with `pg_restore -j2`, or not at all: the first error ends it. Aborting ends
 * pg_restore and waits for its end. Throws faults that say what pg_restore said.
 */
export async function runPgRestore({ programs, databaseUrl, dump, signal }: RestoreJob): Promise<void> {
  const url = new URL(statedUrl(databaseUrl));
  const password = decodeURIComponent(url.password);
  url.password = '';
  const result = await execa(
    programs.pgRestore,
    ['--jobs', String(JOBS), '--exit-on-error', '--no-owner', '--no-password', '--dbname', url.href, dump],
    {
      env: postgresEnvironment({ PGPASSWORD: password }),
      extendEnv: false,
      cwd: '/',
      reject: false,
      stdin: 'ignore',
      cancelSignal: signal,
      forceKillAfterDelay: KILL_AFTER_MS,
    },
  );
  signal.throwIfAborted();
  if (result.exitCode === 0) return;
  const said = String(result.stderr ?? '')
    .trim()
    .split('\n')
    .slice(-4)
    .join(' | ');
  if (FULL.test(said))
    throw faultError('DISK_FULL', `The disk was full before the backup was restored: ${said}`, {
      remedy: 'free some space where the Postgres data is, and try again',
    });
  if (AWAY.test(said))
    throw unreachableError('POSTGRES_DOWN', `Postgres went away during the restore: ${said}`, { remedy: 'make up' });
  const how = result.signal ? `was ended by ${result.signal}` : `ended with ${result.exitCode}`;
  throw faultError('RESTORE_FAILED', `pg_restore ${how}: ${said || 'it said nothing'}`, {
    remedy: 'trading-ops backups verify, then: make backup',
  });
}
