import type pg from 'pg';
import type { DatabaseFigures } from '../domain/backup/manifest.js';
import type { Row } from './tables.js';

/** A connection of its own, not of the pool: to the snapshot that pg_dump reads, or to a restored database. */
type Client = Pick<pg.ClientBase, 'query'>;

const TABLES = `
  select quote_ident(n.nspname) || '.' || quote_ident(c.relname) as name, n.nspname || '.' || c.relname as label
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where c.relkind = 'r' and c.relpersistence = 'p' and n.nspname not like 'pg\\_%'
    and n.nspname not in ('information_schema', 'desk')
  order by (n.nspname || '.' || c.relname) collate "C"`;

const LEDGER = `
  select e.account, e.book, p.ledger_account as "ledgerAccount", p.commodity, sum(p.amount)::text as total
  from postings p join journal_entries e using (entry_id)
  group by 1, 2, 3, 4 order by e.account collate "C", e.book collate "C", p.ledger_account collate "C", p.commodity collate "C"`;

/**
 * Counts every table, sums the ledger and takes the audit log's head, on one connection: in its transaction's snapshot
 * when it has one. The same function is used when a backup is made and when a restored one is proved.
 */
export async function databaseFigures(client: Client): Promise<DatabaseFigures> {
  const tables = (await client.query<{ name: string; label: string }>(TABLES)).rows;
  const counts = tables
    .map(({ name }, index) => `select ${index} as index, count(*)::float8 as rows from ${name}`)
    .join(' union all ');
  const rows = tables.length === 0 ? [] : (await client.query<{ index: number; rows: number }>(counts)).rows;
  const rowsOf = new Map(rows.map((row) => [row.index, row.rows]));
  const has = (table: string) => tables.some(({ label }) => label === table);
  return {
    tables: tables.map(({ label }, index) => ({ name: label, rows: rowsOf.get(index) ?? 0 })),
    ledger: has('public.postings') ? (await client.query<DatabaseFigures['ledger'][number]>(LEDGER)).rows : [],
    audit: has('public.audit_log') ? await auditHead(client) : null,
    migrations: has('public.knex_migrations')
      ? (await client.query<{ name: string }>('select name from knex_migrations order by id')).rows.map(
          ({ name }) => name,
        )
      : [],
  };
}

async function auditHead(client: Client): Promise<DatabaseFigures['audit']> {
  const { rows } = await client.query<{ records: number; head: string }>(
    'select (select count(*) from audit_log)::float8 as records, hash as head from audit_log order by seq desc limit 1',
  );
  return rows[0] ?? null;
}

/** What the audit log has after a record, oldest first, so many at most. */
export async function auditedAfter(
  client: Client,
  seq: number,
  limit: number,
): Promise<Pick<Row<'audit_log'>, 'seq' | 'at' | 'account' | 'actor' | 'action' | 'subject'>[]> {
  const { rows } = await client.query<
    Pick<Row<'audit_log'>, 'seq' | 'at' | 'account' | 'actor' | 'action' | 'subject'>
  >(
    `select seq::float8 as seq, at, account, actor, action, subject from audit_log
      where seq > $1 order by seq limit $2`,
    [seq, limit],
  );
  return rows.map((row) => ({ ...row, at: new Date(row.at).toISOString() }));
}

/** Breaks of the audit log's hash chain, recomputed record by record; none where the schema cannot recompute it yet. */
export async function chainBreaks(client: Client, limit: number): Promise<{ seq: number; problem: string }[]> {
  const {
    rows: [has],
  } = await client.query<{ chain: string | null }>(`select to_regproc('audit_chain_breaks')::text as chain`);
  if (!has?.chain) return [];
  const { rows } = await client.query<{ seq: number; problem: string }>(
    'select seq, problem from audit_chain_breaks() order by seq limit $1',
    [limit],
  );
  return rows;
}
