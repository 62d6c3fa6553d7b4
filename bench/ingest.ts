import { execa } from 'execa';
import type { Knex } from 'knex';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ingestBars } from '../src/db/bars.js';
import { connect } from '../src/db/connect.js';
import { isSession } from '../src/domain/calendar/calendar.js';
import { findPostgres } from '../src/runtime/postgres/binaries.js';
import { BULK_TO, readBulkFile, writeBulkFile } from './support/bulk-bars.js';
import type { BenchContext } from './support/context.js';
import { atLeast, atMost, told, type Figure } from './support/figures.js';
import { median, timed } from './support/statistics.js';

const [SYMBOLS, SESSIONS] = [200, 2_500];
const PAIRS = 3;
const RATE_MIN = 0.8;
/**
 * The same 500,000 bars from one file may take this much more memory than from ten files of 50,000: what the collector
 * happens to leave. Held at once, they would take over 100 MB.
 */
const GROWTH_MB_MAX = 30;

/**
 * Storing 500,000 bars as the product does (read piece by piece, every row validated, COPY to a stage, upsert) beside
 * psql's `\copy` of the same file into a stage and one upsert, and the memory of a process that does it.
 */
export async function run({ root, createStack, say }: BenchContext): Promise<Figure[]> {
  const { addresses } = await createStack();
  const [large, small] = [join(root, 'bars-500k.csv'), join(root, 'bars-50k.csv')];
  const rows = await writeBulkFile(large, SYMBOLS, SESSIONS);
  await writeBulkFile(small, SYMBOLS / 10, SESSIONS);
  const [db, owner] = [connect(addresses.databaseUrl, 1), connect(addresses.ownerDatabaseUrl, 1)];
  try {
    say(`${rows} bars, ${PAIRS} times each way, in turns`);
    const seconds = await measure(db, owner, addresses.ownerDatabaseUrl, large);
    say('memory of a process that stores a file of 50,000 bars ten times, and one of 500,000 once');
    const peakSmall = await peakOf(owner, addresses.databaseUrl, small, 10);
    const peakLarge = await peakOf(owner, addresses.databaseUrl, large, 1);
    return [
      atLeast(
        'ingest: rate of 500,000 validated bars / \\copy to a stage plus one upsert',
        median(seconds.map(({ ours, other }) => other / ours)),
        'x',
        RATE_MIN,
      ),
      told('ingest: validated bars stored', rows / median(seconds.map(({ ours }) => ours)), 'rows/s'),
      atMost(
        'ingest: peak memory with one file of 500,000 bars above that with ten of 50,000',
        peakLarge - peakSmall,
        'MB',
        GROWTH_MB_MAX,
      ),
      told('ingest: peak memory, 500,000 bars', peakLarge, 'MB'),
    ];
  } finally {
    await Promise.all([db.destroy(), owner.destroy()]);
  }
}

async function measure(
  db: Knex,
  owner: Knex,
  ownerUrl: string,
  file: string,
): Promise<{ ours: number; other: number }[]> {
  const psql = join((await findPostgres())?.dir ?? '', 'psql');
  const ours = () =>
    db.transaction((trx) =>
      ingestBars(trx, readBulkFile(file), { source: 'bench', to: BULK_TO, isSession: (date) => isSession(date) }),
    );
  const other = () => execa(psql, ['-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d', ownerUrl], { input: byHand(file) });
  const clean = async (work: () => Promise<unknown>) => {
    await owner.raw('truncate bars');
    await owner.raw('checkpoint').catch(() => undefined);
    return (await timed(work)) / 1_000;
  };
  const seconds = [];
  for (let i = -1; i < PAIRS; i++) {
    const pair =
      i % 2 === 0
        ? { ours: await clean(ours), other: await clean(other) }
        : { other: await clean(other), ours: await clean(ours) };
    if (i >= 0) seconds.push(pair);
  }
  return seconds;
}

/** What somebody would type who trusts the file. */
const byHand = (file: string) => `
  begin;
  create temporary table stage (symbol text, session date, open numeric, high numeric, low numeric, close numeric, volume numeric) on commit drop;
  \\copy stage from '${file}' with (format csv, header)
  insert into bars as b (source, symbol, session, basis, currency, open, high, low, close, volume, payload_sha256, retrieved_at)
  select 'bench', symbol, session, 'raw', 'USD', open, high, low, close, volume, repeat('f', 64), now() from stage
  on conflict (source, symbol, session) do update
     set open = excluded.open, high = excluded.high, low = excluded.low, close = excluded.close, volume = excluded.volume
   where (b.open, b.high, b.low, b.close, b.volume) is distinct from (excluded.open, excluded.high, excluded.low, excluded.close, excluded.volume);
  commit;`;

async function peakOf(owner: Knex, databaseUrl: string, file: string, times: number): Promise<number> {
  await owner.raw('truncate bars');
  const child = fileURLToPath(new URL('./support/ingest-child.ts', import.meta.url));
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', 'tsx', child, file, String(times)], {
    env: { ...process.env, DATABASE_URL: databaseUrl },
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`storing ${file}: ${stderr}`);
  return (JSON.parse(stdout) as { peakMb: number }).peakMb;
}
