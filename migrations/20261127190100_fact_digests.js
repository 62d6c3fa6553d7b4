import { coverFacts, factTables } from '../migrations-support/facts.js';
import { document, forwardOnly } from '../migrations-support/document.js';

/**
 * Every fact in the audit chain: an insert leaves the digests of its rows, and the transaction, as its last act, an audit record with the
 * hash of those. Facts from before are digested as they stand now, and an audit record says which.
 */
const PINNED = 'set search_path = pg_catalog, public, pg_temp';

const SCHEMA = `
  create table fact_digests (
    digest_id      bigint generated always as identity primary key,
    fact           text not null,
    keys           text[] not null,
    digests        uuid[] not null,
    tx             bigint not null,
    recorded_at    timestamptz not null default now(),
    constraint fact_digests_rows_check check (cardinality(keys) = cardinality(digests))
  );
  create index fact_digests_tx_idx on fact_digests (tx, digest_id);
  -- What cannot be compressed is not tried.
  alter table fact_digests alter digests set storage external;
  create trigger fact_digests_append_only_trg before update or delete or truncate on fact_digests
    for each statement execute function refuse_edit();
  grant select on fact_digests to trading_ops_app;

  create function digest_hash(d fact_digests) returns text language sql stable parallel safe as $$
    select encode(sha256(convert_to(concat_ws('|', d.digest_id, d.fact, d.keys::text, d.digests::text), 'UTF8')), 'hex') $$;

  -- At the transaction's end, so that the chain's lock is held no longer than the commit takes; the last one speaks for all.
  create function seal_facts() returns trigger language plpgsql security definer ${PINNED} as $$
  begin
    if exists (select from public.fact_digests d
                where d.tx = new.tx and d.digest_id > new.digest_id and d.recorded_at = new.recorded_at) then return null;
    end if;
    insert into public.audit_log (at, account, actor, action, subject, detail)
    select now(), null, 'system', 'facts.recorded', string_agg(distinct d.fact, ', ' order by d.fact),
           jsonb_build_object('digests', jsonb_agg(
             jsonb_build_array(d.digest_id, d.fact, cardinality(d.keys), public.digest_hash(d)) order by d.digest_id))
      from public.fact_digests d where d.tx = new.tx and d.recorded_at = new.recorded_at;
    return null;
  end $$;
  create constraint trigger fact_digests_seal_trg after insert on fact_digests
    deferrable initially deferred for each row execute function seal_facts();

  -- Only the database writes of digests.
  create function refuse_forged_seal() returns trigger language plpgsql ${PINNED} as $$
  begin
    if pg_has_role(current_user, (select relowner from pg_class where oid = tg_relid), 'usage') then return new; end if;
    raise exception 'audit records of this action are written by the database' using errcode = 'insufficient_privilege';
  end $$;
  create trigger audit_log_seal_trg before insert on audit_log for each row
    when (new.action in ('facts.recorded', 'facts.baseline') and pg_trigger_depth() = 0)
    execute function refuse_forged_seal();

  -- Table by table, so that memory holds one: what the digests say beside what stands.
  create function fact_breaks(only_of text default null) returns table (fact text, key text, problem text) language plpgsql stable ${PINNED} as $$
  declare t text;
  begin
    for t in select c.relname from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'
       and c.relname not like 'knex%' and c.relname not in ('audit_log', 'fact_digests') and (only_of is null or c.relname = only_of) order by c.relname
    loop
      -- Of a bar the newest digest counts; of other facts there is one.
      return query execute format($q$
        with told as (
          select k.key collate "C" as key, %2$s as digest
            from public.fact_digests d cross join lateral unnest(d.keys, d.digests) as k(key, digest)
           where d.fact = %1$L %3$s),
        stands as (select public.fact_key(f) collate "C" as key, public.fact_digest(f) as digest from public.%1$I f)
        select %1$L::text, key, case
            when told.digest is null then 'was added: the audit log knows of no such row'
            when stands.digest is null then 'was removed' else 'was changed' end
          from told full join stands using (key)
         where told.digest is distinct from stands.digest limit 1000$q$, t,
        case t when 'bars' then 'right(max((lpad(d.digest_id::text, 20, ''0'') || k.digest::text) collate "C"), 36)::uuid' else 'k.digest' end,
        case t when 'bars' then 'group by 1' else '' end);
    end loop;
    return query
      select 'fact_digests'::text, coalesce(d.digest_id, s.id)::text, case
          when d.digest_id is null then 'was removed: audit record ' || s.seq || ' has its hash'
          when s.id is null then 'is in no audit record: the log was cut or altered, or the row was added'
          else 'was changed: audit record ' || s.seq || ' has another hash' end || ', rows of ' || coalesce(d.fact, s.fact)
        from public.fact_digests d full join (
          select distinct on (id) a.seq, id, e->>1 as fact, e->>3 as hash
            from public.audit_log a cross join lateral jsonb_array_elements(a.detail->'digests') e
           cross join lateral (select (e->>0)::bigint as id) named
           where a.action = 'facts.recorded' order by id, a.seq) s on s.id = d.digest_id
       where d.digest_id is null or s.id is null or s.hash is distinct from public.digest_hash(d)
       order by coalesce(d.digest_id, s.id) limit 1000;
  end $$;
`;

const ROWS_A_DIGEST = 10_000;

export async function up(knex) {
  await knex.raw(SCHEMA);
  const tables = await factTables(knex);
  const baseline = {};
  for (const table of tables) {
    await coverFacts(knex, table);
    const { rows } = await knex.raw(
      `insert into fact_digests (fact, keys, digests, tx)
       select ?, array_agg(key), array_agg(digest), pg_current_xact_id()::text::bigint
         from (select fact_key(f) as key, fact_digest(f) as digest, (row_number() over () - 1) / ? as part from ?? f) parts
        group by part order by part returning cardinality(keys) as rows`,
      [table, ROWS_A_DIGEST, table],
    );
    if (rows.length > 0) baseline[table] = rows.reduce((sum, row) => sum + row.rows, 0);
  }
  // A bar is the one fact that changes, and each state of it is digested.
  await knex.raw(`create trigger bars_digest_change_trg after update on bars referencing new table as inserted
    for each statement execute function digest_bars()`);
  if (Object.keys(baseline).length > 0)
    await knex.raw(
      `insert into audit_log (at, account, actor, action, subject, detail)
       values (now(), null, 'system', 'facts.baseline', 'facts from before digests', ?)`,
      [JSON.stringify({ rows: baseline })],
    );
  await document(knex, {
    fact_digests: ['Digests of the rows of every insert, whose hashes the audit log has: what was changed, added or removed disagrees with them.', {
      digest_id: 'Id.', fact: 'Table.', keys: 'Primary keys of the rows, in words.', digests: 'First 128 bits of the SHA-256 of each row.',
      tx: 'Transaction.', recorded_at: 'Begin of the transaction.' }],
  });
}

export const down = forwardOnly;
