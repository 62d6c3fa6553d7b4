import type { Command } from 'commander';
import { refusal } from '../../../domain/errors.js';
import { withContext } from '../../kit/context.js';

const TABLES = `
  select c.relname as name, obj_description(c.oid) as comment,
         (xpath('/row/n/text()', query_to_xml(format('select count(*) as n from %I.%I', n.nspname, c.relname), false, true, '')))[1]::text::bigint as rows
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where n.nspname = 'public' and c.relkind = 'r' and c.relname not like 'knex%' order by c.relname`;

/** Lists the tables with their comments and row counts. */
export async function listTables(command: Command): Promise<void> {
  await withContext(command, async ({ db }) => {
    const { rows } = (await db.raw(TABLES)) as { rows: { name: string; comment: string | null; rows: number }[] };
    if (rows.length === 0)
      throw refusal('SCHEMA_MISSING', 'the database has no tables yet', { remedy: 'make migrate' });
    const { default: Table } = await import('cli-table3');
    const table = new Table({
      head: ['table', 'rows', 'what it holds'],
      style: { head: [], border: [] },
      colWidths: [24, 10, 80],
      wordWrap: true,
    });
    for (const row of rows) table.push([row.name, row.rows, row.comment ?? '']);
    return { data: rows, lines: [table.toString()], next: 'trading-ops status' };
  });
}
