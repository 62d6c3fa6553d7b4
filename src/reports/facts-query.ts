import type { Db } from '../db/connect.js';

/** Rows of a query; `?` takes the bindings in order. */
export async function rows<Row>(
  db: Db,
  sql: string,
  bindings: readonly (string | number | boolean | string[])[] = [],
): Promise<Row[]> {
  const result = (await db.raw(sql, bindings as never)) as { rows: Row[] };
  return result.rows;
}
