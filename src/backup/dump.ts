import { execa, type Result } from 'execa';
import { open, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { statedUrl } from '../db/session.js';
import { faultError, unreachableError } from '../domain/errors.js';
import { postgresEnvironment } from '../runtime/postgres/user.js';
import { directoryFault, diskFull } from './directory.js';
import type { DumpPrograms } from './programs.js';

const BEAT_MS = 500;
const KILL_AFTER_MS = 5_000;

export interface DumpJob {
  programs: DumpPrograms;
  databaseUrl: string;
  /** Name of the exported snapshot. */
  snapshot: string;
  /** Where to write; must not be there yet. */
  file: string;
  signal: AbortSignal;
  /** Told the bytes on the disk, twice a second. */
  progress(bytes: number): void;
}

/** Sessions of the desk, its codes and drafts: none of them is to come back with a restore. */
const NO_FACTS = ['--exclude-table-data', 'desk.*'];

/**
 * Runs pg_dump into a file of mode 0600. pg_dump writes the file itself, not a pipe: only then can it enter the offsets
 * of each table's data, without which a parallel restore has to search for them.
 * Aborting ends pg_dump and waits for its end. Throws faults that say what pg_dump said.
 */
export async function runPgDump({ programs, databaseUrl, snapshot, file, signal, progress }: DumpJob): Promise<void> {
  await (
    await open(file, 'wx', 0o600).catch((error: NodeJS.ErrnoException) => {
      throw directoryFault(dirname(file), error);
    })
  ).close();
  const { address, password } = withoutPassword(databaseUrl);
  const beat = setInterval(
    () =>
      void stat(file).then(
        ({ size }) => progress(size),
        () => undefined,
      ),
    BEAT_MS,
  );
  try {
    const result = await execa(
      programs.pgDump,
      ['--format', 'custom', '--no-password', ...NO_FACTS, '--snapshot', snapshot, '--file', file, '--dbname', address],
      {
        env: postgresEnvironment({ PGPASSWORD: password }),
        extendEnv: false,
        cwd: '/',
        reject: false,
        cancelSignal: signal,
        forceKillAfterDelay: KILL_AFTER_MS,
        stdin: 'ignore',
      },
    );
    signal.throwIfAborted();
    if (result.exitCode !== 0) throw whyItFailed(result, file);
  } finally {
    clearInterval(beat);
  }
}

/** Entries of a dump's table of contents, as pg_restore reads it. Throws a fault when it cannot. */
export async function countEntries(programs: DumpPrograms, file: string): Promise<number> {
  const result = await execa(programs.pgRestore, ['--list', file], {
    env: postgresEnvironment(),
    extendEnv: false,
    cwd: '/',
    reject: false,
  });
  const entries = result.stdout.split('\n').filter((line) => /^\d+; /.test(line)).length;
  if (result.exitCode === 0 && entries > 0) return entries;
  throw faultError(
    'BACKUP_DAMAGED',
    `pg_restore cannot read ${file}: ${lastLines(result.stderr) || 'its table of contents is empty'}`,
    { remedy: 'trading-ops backups list, then: make backup' },
  );
}

/** A password in the arguments would be seen by everybody on the machine. */
function withoutPassword(databaseUrl: string): { address: string; password: string } {
  const url = new URL(statedUrl(databaseUrl));
  const password = decodeURIComponent(url.password);
  url.password = '';
  return { address: url.href, password };
}

const AWAY =
  /connection to server .* failed|server closed the connection|terminating connection|the database system is|could not connect|SSL connection has been closed|lost synchronization/i;
const FULL = /No space left on device|Disk quota exceeded|File too large/i;

function whyItFailed(result: Pick<Result, 'exitCode' | 'signal' | 'stderr'>, file: string): Error {
  const said = lastLines(String(result.stderr ?? ''));
  if (FULL.test(said) || result.signal === 'SIGXFSZ') return diskFull(dirname(file));
  if (AWAY.test(said))
    return unreachableError('POSTGRES_DOWN', `Postgres went away during the backup: ${said}`, { remedy: 'make up' });
  const how = result.signal ? `was ended by ${result.signal}` : `ended with ${result.exitCode}`;
  return faultError(
    'BACKUP_DUMP_FAILED',
    `pg_dump ${how}: ${said || 'it said nothing'}. Older backups are as they were.`,
    { remedy: 'remove the cause, then: make backup' },
  );
}

const lastLines = (text: string): string => text.trim().split('\n').slice(-3).join(' | ');
