import type { Knex } from 'knex';
import { connect } from '../../src/db/connect.js';
import { verifyAuditLog } from '../../src/operations/guard/verify-audit.js';
import { installationPaths } from '../../src/runtime/paths.js';
import { atMost, told, type Figure } from './figures.js';
import { residentMb } from './memory.js';
import type { BenchStack } from './stack.js';
import { interleave, median, medianRatio } from './statistics.js';

const PAIRS = 3;
/** Issue 10: `audit verify` of a year of days. */
const SECONDS_MAX = 10;
/** Postgres' shared memory is in it, 128 MB as it comes; what grows with the rows would be far beyond. */
const BACKEND_MAX_MB = 300;

/**
 * What `audit verify` costs where a year of days is stored: every record's hash and every row's digest anew, beside a
 * plain sequential read of the same tables, each row as text. Memory is that of the server's process, which does the
 * work.
 */
export async function auditFigures({ addresses, dataDir }: BenchStack): Promise<Figure[]> {
  const db = connect(addresses.databaseUrl, 1);
  try {
    let facts = 0;
    const ours = async () => {
      const { breaks, factBreaks, facts: proved } = await verifyAuditLog(db, installationPaths(dataDir));
      if (breaks.length + factBreaks.length > 0)
        throw new Error(`the log is broken: ${JSON.stringify([...breaks, ...factBreaks].slice(0, 3))}`);
      facts = proved.rows;
    };
    const pairs = await interleave(PAIRS, ours, () => readAll(db), 1);
    const { rows } = await db.raw<{ rows: { pid: number }[] }>('select pg_backend_pid() as pid');
    const seconds = median(pairs.map((pair) => pair.ours)) / 1e3;
    return [
      atMost('year: audit verify', seconds, 's', SECONDS_MAX),
      atMost(
        "year: audit verify, the server's memory at its highest",
        residentMb(rows[0]?.pid ?? 0, 'VmHWM'),
        'MB',
        BACKEND_MAX_MB,
      ),
      told('year: audit verify / a plain read of the same tables', medianRatio(pairs), 'x'),
      told('year: facts that audit verify proved', facts, 'rows'),
    ];
  } finally {
    await db.destroy();
  }
}

async function readAll(db: Knex): Promise<void> {
  const { rows } = await db.raw<{ rows: { name: string }[] }>(
    `select relname as name from pg_class
      where relkind = 'r' and relnamespace = 'public'::regnamespace and relname not like 'knex%'`,
  );
  for (const { name } of rows) await db.raw('select sum(length(t::text)) from ?? as t', [name]);
}
