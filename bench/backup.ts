import { execa } from 'execa';
import { mkdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { makeBackup } from '../src/backup/make.js';
import { dumpPrograms } from '../src/backup/programs.js';
import { connect } from '../src/db/connect.js';
import { postgresEnvironment } from '../src/runtime/postgres/user.js';
import type { BenchContext } from './support/context.js';
import { atLeast, atMost, told, type Figure } from './support/figures.js';
import { fillLargeDatabase } from './support/large-database.js';
import { interleave, median, medianRatio } from './support/statistics.js';

const PAIRS = 5;
const BACKUP_MAX = 1.15;
const SIZE_MIN_MB = 150;

/**
 * A backup (snapshot, dump, rows of every table and ledger totals, list of contents, SHA-256, manifest) beside plain
 * `pg_dump -Fc` of the same database.
 */
export async function run({ root, createStack, say }: BenchContext): Promise<Figure[]> {
  const { addresses } = await createStack();
  const owner = connect(addresses.ownerDatabaseUrl, 1);
  try {
    const megabytes = await fillLargeDatabase(owner);
    say(`a database of ${Math.round(megabytes)} MB, ${PAIRS} pairs`);
    const directory = join(root, 'backups');
    const plain = join(root, 'plain.dump');
    const ours = async () => {
      rmSync(directory, { recursive: true, force: true });
      mkdirSync(directory);
      await makeBackup(
        {
          directory,
          databaseUrl: addresses.databaseUrl,
          reason: 'manual',
          operator: 'bench',
          requestedAt: new Date().toISOString(),
        },
        { now: () => new Date(), signal: new AbortController().signal, progress: () => undefined },
      );
    };
    const pairs = await interleave(PAIRS, ours, () => plainDump(addresses.databaseUrl, plain), 1);
    return [
      atLeast('backup: size of the database', megabytes, 'MB', SIZE_MIN_MB),
      atMost(
        'backup: verified, with checksum, rows and totals / plain pg_dump -Fc',
        medianRatio(pairs),
        'x',
        BACKUP_MAX,
      ),
      told('backup: verified, with checksum, rows and totals', median(pairs.map((pair) => pair.ours)), 'ms'),
      told('backup: plain pg_dump -Fc', median(pairs.map((pair) => pair.other)), 'ms'),
      told('backup: size of the dump', statSync(plain).size / 1e6, 'MB'),
    ];
  } finally {
    await owner.destroy();
  }
}

async function plainDump(databaseUrl: string, file: string): Promise<void> {
  const { pgDump } = await dumpPrograms(await majorOf(databaseUrl));
  const url = new URL(databaseUrl);
  const password = decodeURIComponent(url.password);
  url.password = '';
  rmSync(file, { force: true });
  await execa(pgDump, ['--format', 'custom', '--no-password', '--file', file, '--dbname', url.href], {
    env: postgresEnvironment({ PGPASSWORD: password }),
    extendEnv: false,
  });
}

let major: number | undefined;

async function majorOf(databaseUrl: string): Promise<number> {
  if (major !== undefined) return major;
  const db = connect(databaseUrl, 1);
  const { rows } = await db.raw<{ rows: { number: number }[] }>(
    `select current_setting('server_version_num')::int as number`,
  );
  await db.destroy();
  return (major = Math.floor((rows[0]?.number ?? 0) / 10_000));
}
