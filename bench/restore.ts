import { execa } from 'execa';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { proveBackup } from '../src/operations/backup/prove.js';
import { makeBackup } from '../src/backup/make.js';
import { dumpPrograms } from '../src/backup/programs.js';
import { connect } from '../src/db/connect.js';
import type { RestoreProof } from '../src/domain/backup/proof.js';
import { withClient } from '../src/runtime/postgres/database.js';
import { postgresEnvironment } from '../src/runtime/postgres/user.js';
import type { BenchContext } from './support/context.js';
import { atLeast, atMost, told, type Figure } from './support/figures.js';
import { fillLargeDatabase } from './support/large-database.js';
import { interleave, median, medianRatio, timed } from './support/statistics.js';

const PAIRS = 3;
const RESTORE_MAX = 1.5;
const SIZE_MIN_MB = 150;
const PLAIN = 'plain_restore';

/**
 * What `restore-test` does (every byte verified, a scratch database made, pg_restore, rows of every table, ledger totals and audit
 * chain compared, the database dropped) beside plain `pg_restore -j2` of the same file into an empty database.
 */
export async function run({ root, createStack, say }: BenchContext): Promise<Figure[]> {
  const { addresses, settings } = await createStack();
  const [owner, db] = [connect(addresses.ownerDatabaseUrl, 1), connect(addresses.databaseUrl, 1)];
  try {
    const megabytes = await fillLargeDatabase(owner);
    const directory = join(root, 'backups');
    const host = () => ({ now: () => new Date(), signal: new AbortController().signal, progress: () => undefined });
    const { manifest } = await makeBackup(
      {
        directory,
        databaseUrl: addresses.databaseUrl,
        reason: 'manual',
        operator: 'bench',
        requestedAt: new Date().toISOString(),
      },
      host(),
    );
    say(`a database of ${Math.round(megabytes)} MB, a dump of ${Math.round(manifest.bytes / 1e6)} MB, ${PAIRS} pairs`);
    const { configDir, dataDir } = settings;
    const place = () => ({ db, configDir, dataDir, ownerUrl: addresses.ownerDatabaseUrl, directory, host: host() });
    const proofs: RestoreProof[] = [];
    const ours = async () =>
      void proofs.push(await proveBackup(place(), { proofId: randomUUID(), file: null, operator: null }));
    const alone: number[] = [];
    const plain = await plainRestore(addresses.ownerDatabaseUrl, join(directory, manifest.file));
    const measured = await interleave(PAIRS, ours, async () => void alone.push(await plain()), 1);
    // Of the plain way only pg_restore counts, not the making of its database; the first is the warm-up.
    const pairs = measured.map((pair, index) => ({ ...pair, other: alone[index + 1] ?? pair.other }));
    if (proofs.some(({ passed }) => !passed))
      throw new Error(`the restore differs: ${proofs.find(({ passed }) => !passed)?.problems.join('; ')}`);
    return [
      atLeast('restore: size of the database', megabytes, 'MB', SIZE_MIN_MB),
      atMost(
        'restore: verified, restored, compared and dropped / plain pg_restore -j2',
        medianRatio(pairs),
        'x',
        RESTORE_MAX,
      ),
      told('restore: verified, restored, compared and dropped', median(pairs.map((pair) => pair.ours)), 'ms'),
      told('restore: of that, verification', median(proofs.map(({ took }) => took.verification)), 'ms'),
      told('restore: of that, comparison', median(proofs.map(({ took }) => took.comparison)), 'ms'),
      told('restore: plain pg_restore -j2', median(pairs.map((pair) => pair.other)), 'ms'),
    ];
  } finally {
    await Promise.all([owner.destroy(), db.destroy()]);
  }
}

/** pg_restore by hand into an empty database. @returns a function that answers with the milliseconds of pg_restore alone */
async function plainRestore(ownerUrl: string, dump: string): Promise<() => Promise<number>> {
  const major = await withClient(
    ownerUrl,
    async (client) =>
      (await client.query<{ number: number }>(`select current_setting('server_version_num')::int as number`)).rows[0]
        ?.number ?? 0,
  );
  const { pgRestore } = await dumpPrograms(Math.floor(major / 10_000));
  const url = new URL(ownerUrl);
  const password = decodeURIComponent(url.password);
  [url.password, url.pathname] = ['', `/${PLAIN}`];
  return async () => {
    await withClient(ownerUrl, async (client) => {
      await client.query(`drop database if exists ${PLAIN}`);
      await client.query(`create database ${PLAIN} template template0`);
    });
    return timed(() =>
      execa(pgRestore, ['--jobs', '2', '--no-owner', '--no-password', '--dbname', url.href, dump], {
        env: postgresEnvironment({ PGPASSWORD: password }),
        extendEnv: false,
      }),
    );
  };
}
