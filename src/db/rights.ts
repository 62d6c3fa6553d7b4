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

/** A setting that sessions of a role, or all of the database, begin with. */
export interface RoleSetting {
  /** The role; null for everybody. */
  role: string | null;
  name: string;
  /** As it was written down; whoever shows it bounds it. */
  value: string;
}

/** What this login, the database's owner, or everybody in it begins a session with: we set none of it. */
export const roleSettings = (db: Db): Promise<RoleSetting[]> =>
  rows<RoleSetting>(
    db,
    `
      select r.rolname as role, split_part(one, '=', 1) as name, substr(one, strpos(one, '=') + 1) as value
        from pg_db_role_setting s cross join unnest(s.setconfig) as one
        left join pg_roles r on r.oid = s.setrole left join pg_database d on d.oid = s.setdatabase
       where (s.setdatabase = 0 or d.datname = current_database())
         and (s.setrole = 0 or r.rolname = current_user or r.oid = (
           select datdba from pg_database where datname = current_database()))
       order by 1, 2`,
  );

/** Triggers that keep other rules of facts than that nobody edits them and that the audit log has a digest of each. */
const OTHER_GUARDS = [
  'audit_log_chain_trg',
  'audit_log_seal_trg',
  'bars_digest_change_trg',
  'bars_digest_trg',
  'bars_revision_trg',
  'bars_stamp_trg',
  'confirmations_live_trg',
  'fact_digests_seal_trg',
  'fills_with_parent_trg',
  'journal_entries_balance_trg',
  'journal_entries_serialise_trg',
  'postings_balance_trg',
  'postings_units_trg',
  'postings_with_parent_trg',
  'snapshot_positions_with_parent_trg',
  'ticket_facts_with_parent_trg',
  'ticket_lines_with_parent_trg',
  'tickets_supersession_trg',
];
/** The chain itself, which digests are written into. */
const WITHOUT_DIGEST = ['audit_log', 'fact_digests'];

const GUARDS = `
  select unnest(array[relname || '_append_only_trg'] ||
           case when relname = any(:chain) then '{}' else array[relname || '_digest_trg'] end) as name
    from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r' and relname not like 'knex%'
     and relname <> all(:excepted)
   union select unnest(:others::text[])`;

/** Triggers of the schema's tables that must be there and enabled. @param excepted tables that may be changed */
export const guardsOf = async (db: Db, excepted: string[]): Promise<string[]> =>
  namesOf(db, `${GUARDS} order by name`, excepted);

/** Those of them that are missing or off, by name. */
export const guardsMissing = async (db: Db, excepted: string[]): Promise<string[]> =>
  namesOf(
    db,
    `select name from (${GUARDS}) as guards where name not in (
       select tgname from pg_trigger join pg_class c on c.oid = tgrelid
        where c.relnamespace = 'public'::regnamespace and tgenabled in ('O', 'A')
          and starts_with(tgname, c.relname || '_'))
      order by name`,
    excepted,
  );

async function namesOf(db: Db, sql: string, excepted: string[]): Promise<string[]> {
  const found = await db.raw<{ rows: { name: string }[] }>(sql, {
    excepted,
    chain: WITHOUT_DIGEST,
    others: OTHER_GUARDS,
  });
  return found.rows.map(({ name }) => name);
}
