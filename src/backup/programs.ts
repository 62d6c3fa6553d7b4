import { execa } from 'execa';
import { delimiter, join } from 'node:path';
import { faultError } from '../domain/errors.js';
import { isExecutable } from '../runtime/executable.js';
import { findPostgres } from '../runtime/postgres/binaries.js';

/** The programs that write and read dumps, by absolute path. */
export interface DumpPrograms {
  pgDump: string;
  pgRestore: string;
  version: string;
}

const found = new Map<number, DumpPrograms>();

/**
 * pg_dump and pg_restore of the server's own major version; where only a client is installed, those on PATH when they are
 * no older than the server, for pg_dump refuses a newer one. Throws a fault with the remedy when there are none.
 */
export async function dumpPrograms(serverMajor: number): Promise<DumpPrograms> {
  const known = found.get(serverMajor);
  if (known) return known;
  const binaries = await findPostgres(serverMajor);
  const programs = binaries
    ? { pgDump: join(binaries.dir, 'pg_dump'), pgRestore: join(binaries.dir, 'pg_restore'), version: binaries.version }
    : await clientOnPath(serverMajor);
  if (!programs) {
    throw faultError(
      'PG_DUMP_MISSING',
      `pg_dump of PostgreSQL ${serverMajor} (the server's version) or newer is not on this machine.`,
      {
        remedy: `install it: apt-get install postgresql-client-${serverMajor}`,
      },
    );
  }
  found.set(serverMajor, programs);
  return programs;
}

async function clientOnPath(serverMajor: number): Promise<DumpPrograms | null> {
  for (const dir of (process.env['PATH'] ?? '').split(delimiter).filter(Boolean)) {
    const [pgDump, pgRestore] = [join(dir, 'pg_dump'), join(dir, 'pg_restore')];
    if (!isExecutable(pgDump) || !isExecutable(pgRestore)) continue;
    const { stdout } = await execa(pgDump, ['--version'], { reject: false });
    const version = /\d+(\.\d+)*/.exec(stdout)?.[0];
    if (version && Number.parseInt(version, 10) >= serverMajor) return { pgDump, pgRestore, version };
  }
  return null;
}
