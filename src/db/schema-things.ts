import type { SchemaThing } from '../domain/audit/schema.js';
import type { Db } from './connect.js';
import { rows } from './questions.js';

/*
 * What counts of the schema, by the catalogue. Names are written with their schemas and definitions without brackets
 * and spaces, for what Postgres prints of a type, an expression or a function differs by version and by what a session
 * has set; nothing here does, from 13 on.
 */

/** The schemas that are ours, and the tables in them that are not: knex keeps its own. */
const SCHEMAS = `('public', 'desk')`;
const KNEX = `'^knex_migrations(_lock)?(_(id|index)_seq|_pkey)?$'`;

const RELATION = `n.nspname || '.' || c.relname`;
const OURS = `
  pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace and n.nspname in ${SCHEMAS}
                         and c.relname !~ ${KNEX}`;

const typeName = (oid: string): string =>
  `(select tn.nspname || '.' || t.typname from pg_catalog.pg_type t
      join pg_catalog.pg_namespace tn on tn.oid = t.typnamespace where t.oid = ${oid})`;

const columnNames = (relation: string, numbers: string): string =>
  `(select string_agg(coalesce(named.attname::text, '*'), ',' order by at.place)
      from unnest(${numbers}::int2[]) with ordinality as at(number, place)
      left join pg_catalog.pg_attribute named on named.attrelid = ${relation} and named.attnum = at.number)`;

/** A definition as its hash; brackets, spaces and names of tables before columns are where versions differ. */
const definition = (text: string): string => `encode(sha256(convert_to(${text}, 'UTF8')), 'hex')`;
const bare = (text: string): string => `regexp_replace(${text}, '[()[:space:]]+', '', 'g')`;

const said = (...parts: readonly string[]): string => `concat_ws(' ', ${parts.join(', ')})`;
const when = (condition: string, word: string): string => `case when ${condition} then '${word}' end`;

const FUNCTION_NAME = `
  fn.nspname || '.' || p.proname || '(' || coalesce((
    select string_agg(${typeName('a.type')}, ',' order by a.place)
      from unnest(p.proargtypes::oid[]) with ordinality as a(type, place)), '') || ')'`;
const FUNCTION_IS = said(
  'p.prokind::text',
  `(select l.lanname::text from pg_catalog.pg_language l where l.oid = p.prolang)`,
  when('p.proretset', 'set'),
  typeName('p.prorettype'),
  'p.provolatile::text || p.proparallel::text',
  when('p.prosecdef', 'definer'),
  when('p.proisstrict', 'strict'),
  `p.pronargdefaults || ' defaults'`,
  'p.proconfig::text',
  definition('p.prosrc'),
);
const FUNCTIONS = `pg_catalog.pg_proc p join pg_catalog.pg_namespace fn on fn.oid = p.pronamespace`;

/** What the functions that prove facts are made of, where Postgres has it in C. */
const BUILT_IN = `(
  'array_agg', 'bool_or', 'concat_ws', 'convert_to', 'count', 'encode', 'format', 'isfinite', 'jsonb_array_elements',
  'jsonb_build_array', 'lpad', 'max', 'quote_literal', 'repeat', 'right', 'sha256', 'string_agg', 'substr', 'sum', 'to_char',
  'unnest')`;

/** Kinds of things, each a query of `name` and `is`. */
const THINGS: Readonly<Record<string, string>> = {
  relation: `
    select ${RELATION} as name, ${said(
      `c.relkind::text || c.relpersistence::text`,
      when('c.relrowsecurity', 'row security'),
      when('c.relforcerowsecurity', 'forced'),
      // All have the owner that the migrations have.
      when(
        `c.relowner <> (select k.relowner from pg_catalog.pg_class k where k.oid = 'public.knex_migrations'::regclass)`,
        'of another owner',
      ),
    )} as is from ${OURS}
     where c.relkind <> 'i'`,
  column: `
    select ${RELATION} || '.' || a.attname as name, ${said(
      typeName('a.atttypid'),
      `nullif(a.atttypmod, -1)::text`,
      when('a.attnotnull', 'not null'),
      `nullif(a.attidentity::text || a.attgenerated::text, '')`,
      `(select ${bare('pg_get_expr(d.adbin, d.adrelid)')} from pg_catalog.pg_attrdef d
         where d.adrelid = c.oid and d.adnum = a.attnum)`,
    )} as is from ${OURS}
      join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
     where c.relkind in ('r', 'p', 'v', 'm', 'f')`,
  constraint: `
    select ${RELATION} || '.' || k.conname as name, ${said(
      'k.contype::text',
      columnNames('k.conrelid', 'k.conkey'),
      `(select 'of ' || rn.nspname || '.' || r.relname || ' ' || k.confupdtype::text || k.confdeltype::text
               || k.confmatchtype::text from pg_catalog.pg_class r
          join pg_catalog.pg_namespace rn on rn.oid = r.relnamespace where r.oid = k.confrelid)`,
      columnNames('k.confrelid', 'k.confkey'),
      when('k.condeferrable', 'deferrable'),
      when('k.condeferred', 'deferred'),
      when('not k.convalidated', 'not valid'),
      // A foreign key is kept by triggers of Postgres, of which any may be off.
      `(select nullif(count(*), 0) || ' triggers' from pg_catalog.pg_trigger o
         where o.tgconstraint = k.oid and o.tgenabled in ('O', 'A'))`,
      definition(bare('pg_get_expr(k.conbin, k.conrelid)')),
    )} as is from ${OURS}
      join pg_catalog.pg_constraint k on k.conrelid = c.oid and k.contype <> 'n'`,
  index: `
    select ${RELATION} as name, ${said(
      `(select am.amname::text from pg_catalog.pg_am am where am.oid = c.relam)`,
      `(select tn.nspname || '.' || t.relname from pg_catalog.pg_class t
          join pg_catalog.pg_namespace tn on tn.oid = t.relnamespace where t.oid = i.indrelid)`,
      columnNames('i.indrelid', 'i.indkey'),
      when('i.indisunique', 'unique'),
      when('i.indisprimary', 'primary'),
      when('not (i.indisvalid and i.indisready and i.indislive)', 'not valid'),
      definition(bare('pg_get_expr(i.indexprs, i.indrelid)')),
      definition(bare('pg_get_expr(i.indpred, i.indrelid)')),
    )} as is from ${OURS}
      join pg_catalog.pg_index i on i.indexrelid = c.oid`,
  sequence: `
    select ${RELATION} as name, ${said(
      typeName('s.seqtypid'),
      `s.seqstart || ' from ' || s.seqmin || ' to ' || s.seqmax || ' by ' || s.seqincrement`,
      when('s.seqcycle', 'cycle'),
    )} as is from ${OURS}
      join pg_catalog.pg_sequence s on s.seqrelid = c.oid`,
  // Who may write what; whoever may read may read all.
  right: `
    select lower(g.privilege_type) || ' ' || o.what || ' by ' || coalesce(r.rolname, 'everybody') as name,
           string_agg(o.of_columns, ',' order by o.of_columns) as is
      from (select ${RELATION} as what, '' as of_columns, c.relacl as acl, c.relowner as owner from ${OURS}
            union all
            select ${RELATION}, a.attname, a.attacl, c.relowner from ${OURS}
              join pg_catalog.pg_attribute a on a.attrelid = c.oid and not a.attisdropped) o
     cross join lateral aclexplode(o.acl) g
      left join pg_catalog.pg_roles r on r.oid = g.grantee
     where g.grantee <> o.owner and g.privilege_type <> 'SELECT'
     group by 1`,
  trigger: `
    select ${RELATION} || '.' || t.tgname as name, ${said(
      FUNCTION_NAME,
      `t.tgtype::text`,
      when(`t.tgenabled not in ('O', 'A')`, 'off'),
      when('t.tgdeferrable', 'deferrable'),
      when('t.tginitdeferred', 'deferred'),
      `nullif(t.tgnargs, 0) || ' arguments'`,
      columnNames('t.tgrelid', 't.tgattr'),
      't.tgoldtable::text',
      't.tgnewtable::text',
      definition(bare(`substring(pg_get_triggerdef(t.oid) from ' WHEN (.*) EXECUTE ')`)),
    )} as is
      from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace and n.nspname in ${SCHEMAS}
      join pg_catalog.pg_trigger t on t.tgrelid = c.oid and not t.tgisinternal
      join ${FUNCTIONS} on p.oid = t.tgfoid`,
  function: `
    select ${FUNCTION_NAME} as name, ${FUNCTION_IS} as is from ${FUNCTIONS} where fn.nspname in ${SCHEMAS}`,
  'built in': `
    select ${FUNCTION_NAME} as name, ${said(
      `(select l.lanname::text from pg_catalog.pg_language l where l.oid = p.prolang)`,
      'p.prosrc',
    )} as is from ${FUNCTIONS}
     where fn.nspname = 'pg_catalog' and p.proname in ${BUILT_IN}
       and not (p.oid < 16384
         and (p.proname, p.proargtypes::text) in (('lpad', '25 23'), ('quote_literal', '2283')))
       and (p.oid >= 16384 or p.prolang <> (select l.oid from pg_catalog.pg_language l where l.lanname = 'internal'))`,
  view: `
    select ${RELATION} as name,
           ${definition(bare(`regexp_replace(pg_get_viewdef(c.oid), '\\m(live_tickets|tickets|t)\\.', '', 'g')`))} as is
      from ${OURS} where c.relkind in ('v', 'm')`,
  rule: `
    select ${RELATION} || '.' || r.rulename as name, ${definition('pg_get_ruledef(r.oid)')} as is from ${OURS}
      join pg_catalog.pg_rewrite r on r.ev_class = c.oid and not (r.rulename = '_RETURN' and c.relkind in ('v', 'm'))`,
  policy: `
    select ${RELATION} || '.' || p.polname as name, p.polcmd::text as is from ${OURS}
      join pg_catalog.pg_policy p on p.polrelid = c.oid`,
  inheritance: `
    select ${RELATION} || ' of ' || i.inhrelid::regclass::text as name, '' as is from ${OURS}
      join pg_catalog.pg_inherits i on i.inhparent = c.oid`,
  operator: `
    select o.oid::regoperator::text as name, o.oprcode::text as is from pg_catalog.pg_operator o where o.oid >= 16384
       and o.oprnamespace in (select n.oid from pg_catalog.pg_namespace n where n.nspname in ('pg_catalog', 'public'))`,
  cast: `
    select ${typeName('k.castsource')} || ' as ' || ${typeName('k.casttarget')} as name, k.castcontext::text as is
      from pg_catalog.pg_cast k where k.oid >= 16384`,
  setting: `
    select 'session_replication_role' as name, current_setting('session_replication_role') as is`,
  migration: `select m.name, '' as is from public.knex_migrations m`,
};

const ALL = Object.entries(THINGS)
  .map(([kind, query]) => `select '${kind}' as kind, of_kind.name, of_kind.is from (${query}) as of_kind`)
  .join('\n union all ');

/** What a session may have set and definitions depend on: by whom names are found, how they and dates are written. */
const SETTINGS = `
  select pg_catalog.set_config('search_path', 'pg_catalog, public, pg_temp', true),
         pg_catalog.set_config('quote_all_identifiers', 'off', true),
         pg_catalog.set_config('standard_conforming_strings', 'on', true),
         pg_catalog.set_config('DateStyle', 'ISO, MDY', true)`;

/**
 * What counts of this database's schema, in no order. Call it in a transaction: to its end names are resolved in
 * pg_catalog first, whatever the session or its role has set.
 */
export async function schemaThings(trx: Db): Promise<SchemaThing[]> {
  await trx.raw(SETTINGS);
  return await rows<SchemaThing>(trx, ALL.replaceAll('?', '\\?'));
}
