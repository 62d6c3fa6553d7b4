import type { Db } from './connect.js';
import { rows } from './questions.js';

/** A right over a table. */
export interface Right {
  table: string;
  verb: string;
}

/** Rights to change or delete that this login has over the tables of the schema. */
export const rightsToChange = (db: Db): Promise<Right[]> =>
  rows<Right>(
    db,
    `
      select c.relname as table, r.verb from pg_class c
       cross join (values ('UPDATE'), ('DELETE'), ('TRUNCATE')) as r(verb)
       where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and c.relname not like 'knex%'
         and (has_table_privilege(c.oid, r.verb)
           or (r.verb = 'UPDATE' and has_any_column_privilege(c.oid, 'UPDATE')))`,
  );

/** Who is logged in, and whether nothing is forbidden to them. */
export const loginOf = async (db: Db): Promise<{ user: string; super: boolean } | undefined> =>
  (
    await rows<{ user: string; super: boolean }>(
      db,
      'select current_user as user, rolsuper as super from pg_roles where rolname = current_user',
    )
  )[0];

/** Tables that no enabled trigger keeps append-only, by name, but for the excepted. */
export const unguardedTables = async (db: Db, excepted: string[]): Promise<string[]> =>
  (
    await rows<{ table: string }>(
      db,
      `
      select c.relname as table from pg_class c
       where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and c.relname not like 'knex%'
         and c.relname <> all(?)
         and not exists (select from pg_trigger t where t.tgrelid = c.oid
           and t.tgname = c.relname || '_append_only_trg' and t.tgenabled in ('O', 'A'))
       order by c.relname`,
      [excepted],
    )
  ).map(({ table }) => table);
