import type { Db } from './connect.js';

export interface DescribedTable {
  name: string;
  comment: string | null;
  rows: number;
}

/** Every table of the schema with what it holds and how many rows. */
export async function describedTables(db: Db): Promise<DescribedTable[]> {
  const { rows } = await db.raw<{ rows: DescribedTable[] }>(`
  select c.relname as name, obj_description(c.oid) as comment,
         (xpath('/row/n/text()', query_to_xml(format('select count(*) as n from %I.%I', n.nspname, c.relname), false, true, '')))[1]::text::bigint as rows
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where n.nspname = 'public' and c.relkind = 'r' and c.relname not like 'knex%' order by c.relname`);
  return rows;
}
