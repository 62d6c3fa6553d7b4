import type { Db } from '../../db/connect.js';
import { describedTables, type DescribedTable } from '../../db/described-tables.js';
import { refusal } from '../../domain/errors.js';

/** The tables with their comments and row counts. @throws OpsError SCHEMA_MISSING before the first migration */
export async function listTables(db: Db): Promise<DescribedTable[]> {
  const tables = await describedTables(db);
  if (tables.length > 0) return tables;
  throw refusal('SCHEMA_MISSING', 'the database has no tables yet', { remedy: 'make migrate' });
}
