import type { Command } from 'commander';
import { listTables } from '../../../operations/setup/list-tables.js';
import { withContext } from '../../kit/context.js';

/** Lists the tables with their comments and row counts. */
export async function showTables(command: Command): Promise<void> {
  await withContext(command, async ({ db }) => {
    const rows = await listTables(db);
    const { tableLines } = await import('../../kit/table.js');
    const table = tableLines(
      ['table', 'rows', 'what it holds'],
      rows.map(({ name, rows: count, comment }) => [name, String(count), comment ?? '']),
    );
    return { data: rows, lines: table, next: 'trading-ops status' };
  });
}
