import { coverFacts, factTables, instantText } from '../migrations-support/facts.js';
import { forwardOnly } from '../migrations-support/document.js';

/**
 * No two rows have one digest: dates and instants before Christ, and those without end, are told from the others, where to_char writes
 * them alike or not at all. What any row had for a digest it has still. And rows are counted: one that stands twice, or in a table that
 * has gone, is named.
 */
const PINNED = 'set search_path = pg_catalog, public, pg_temp';

const AUDIT_HASH = `
  create or replace function audit_hash(seq bigint, at timestamptz, account text, actor text, action text, subject text, detail jsonb, prev_hash text)
    returns text language sql immutable as $$
    select encode(sha256(convert_to(jsonb_build_array(
      seq, ${instantText('at')} || 'Z', account, actor, action, subject, detail, prev_hash)::text, 'UTF8')), 'hex')
  $$;
`;

const FACT_BREAKS = `
  create or replace function fact_breaks(only_of text default null) returns table (fact text, key text, problem text) language plpgsql stable ${PINNED} as $$
  declare t text;
  begin
    for t in select c.relname from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'
       and c.relname not like 'knex%' and c.relname not in ('audit_log', 'fact_digests') and (only_of is null or c.relname = only_of) order by c.relname
    loop
      if to_regprocedure(format('public.fact_digest(public.%I)', t)) is null then
        fact := t; key := ''; problem := 'has no digests: the audit log knows of no such table';
        return next;
        continue;
      end if;
      -- Of a bar the newest digest counts; of other facts there is one. Rows are counted: as often as one was recorded it stands.
      return query execute format($q$
        with counted as (
          select key, digest, count(*) filter (where recorded) as told, count(*) filter (where not recorded) as stands
            from (
              select true as recorded, * from (
                select k.key collate "C" as key, %2$s as digest
                  from public.fact_digests d cross join lateral unnest(d.keys, d.digests) as k(key, digest)
                 where d.fact = %1$L %3$s) of_log
              union all
              select false, public.fact_key(f) collate "C", public.fact_digest(f) from public.%1$I f) both_sides
           group by key, digest
          having count(*) filter (where recorded) <> 1 or count(*) filter (where not recorded) <> 1)
        select %1$L::text, key, case
            when bool_or(told > 1) then 'was recorded ' || max(told) || ' times, and stands ' || sum(stands)::text || ' times'
            when bool_or(told = 1 and stands > 1) then 'was added: it stands ' || max(stands) || ' times, and was recorded once'
            when sum(told) = 0 then 'was added: the audit log knows of no such row'
            when sum(stands) = 0 then 'was removed' else 'was changed' end
          from counted group by key limit 1000$q$, t,
        case t when 'bars' then 'right(max((lpad(d.digest_id::text, 20, ''0'') || k.digest::text) collate "C"), 36)::uuid' else 'k.digest' end,
        case t when 'bars' then 'group by 1' else '' end);
    end loop;
    -- A table that was moved or renamed is not there to be compared, and its rows are gone.
    return query
      select d.fact, ''::text, 'was removed: the audit log has ' || sum(cardinality(d.keys)) || ' rows of this table'
        from public.fact_digests d
       where (only_of is null or d.fact = only_of)
         and not exists (select from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and c.relname = d.fact)
       group by d.fact;
    return query
      select 'fact_digests'::text, coalesce(d.digest_id, s.id)::text, case
          when d.digest_id is null then 'was removed: audit record ' || s.seq || ' has its hash'
          when s.id is null then 'is in no audit record: the log was cut or altered, or the row was added'
          when s.hash = public.digest_hash(d) then 'was changed: it says another time than audit record ' || s.seq
          else 'was changed: audit record ' || s.seq || ' has another hash' end || ', rows of ' || coalesce(d.fact, s.fact)
        from public.fact_digests d full join (
          select distinct on (id) a.seq, a.at, id, e->>1 as fact, e->>3 as hash
            from public.audit_log a cross join lateral jsonb_array_elements(a.detail->'digests') e
           cross join lateral (select (e->>0)::bigint as id) named
           where a.action = 'facts.recorded' order by id, a.seq) s on s.id = d.digest_id
       where d.digest_id is null or s.id is null or s.hash is distinct from public.digest_hash(d) or s.at is distinct from d.recorded_at
       order by coalesce(d.digest_id, s.id) limit 1000;
  end $$;
`;

export async function up(knex) {
  for (const table of await factTables(knex)) await coverFacts(knex, table);
  await knex.raw(AUDIT_HASH);
  await knex.raw(FACT_BREAKS);
}

export const down = forwardOnly;
