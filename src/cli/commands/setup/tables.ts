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
    const { tableLines } = await import('../../kit/table.js');
    const table = tableLines(
      ['table', 'rows', 'what it holds'],
      rows.map(({ name, rows: count, comment }) => [name, String(count), comment ?? '']),
    );
    return { data: rows, lines: table, next: 'trading-ops status' };
  });
}
