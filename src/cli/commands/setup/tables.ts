import type { Command } from 'commander';
import { describedTables } from '../../../db/described-tables.js';
import { refusal } from '../../../domain/errors.js';
import { withContext } from '../../kit/context.js';

/** Lists the tables with their comments and row counts. */
export async function listTables(command: Command): Promise<void> {
  await withContext(command, async ({ db }) => {
    const rows = await describedTables(db);
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
