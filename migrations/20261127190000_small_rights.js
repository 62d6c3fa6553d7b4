import { factTables, grantInsert } from '../migrations-support/facts.js';
import { forwardOnly } from '../migrations-support/document.js';

/**
 * What the application's role cannot do any more: put a table of its own before one of ours (functions that run as the owner look in
 * pg_catalog and the schema first, name their tables in full, and the role makes no temporary table), say when something was recorded,
 * and add lines to what another transaction recorded.
 */
const PINNED = 'set search_path = pg_catalog, public, pg_temp';

const FUNCTIONS = `
  create or replace function chain_audit() returns trigger language plpgsql security definer ${PINNED} as $$
  declare last record;
  begin
    perform pg_advisory_xact_lock(hashtextextended('audit_log', 0));
    select seq, hash into last from public.audit_log order by seq desc limit 1;
    new.seq := coalesce(last.seq, 0) + 1;
    new.prev_hash := coalesce(last.hash, repeat('0', 64));
    new.hash := public.audit_hash(new.seq, new.at, new.account, new.actor, new.action, new.subject, new.detail, new.prev_hash);
    return new;
  end $$;
  create or replace function audit_chain_breaks() returns table (seq bigint, problem text) language sql stable ${PINNED} as $$
    select * from (select a.seq, case
      when a.seq <> coalesce(lag(a.seq) over w, 0) + 1 then 'a record before it is missing'
      when a.prev_hash <> coalesce(lag(a.hash) over w, repeat('0', 64)) then 'does not follow the record before it'
      when a.hash <> public.audit_hash(a.seq, a.at, a.account, a.actor, a.action, a.subject, a.detail, a.prev_hash) then 'was altered'
    end as problem
    from public.audit_log a window w as (order by a.seq)) checked where problem is not null
  $$;
  create or replace function check_entry_balances() returns trigger language plpgsql security definer ${PINNED} as $$
  declare bad record;
  begin
    select commodity, sum(amount) as total into bad from public.postings where entry_id = new.entry_id
      group by commodity having sum(amount) <> 0 limit 1;
    if found then
      raise exception 'journal entry % does not balance: % is off by %', new.entry_id, bad.commodity, bad.total
        using errcode = 'check_violation', constraint = 'postings_balanced_check';
    end if;
    if not exists (select from public.postings where entry_id = new.entry_id) then
      raise exception 'journal entry % has no postings', new.entry_id
        using errcode = 'check_violation', constraint = 'journal_entries_postings_check';
    end if;
    return null;
  end $$;
  create or replace function check_units_not_negative() returns trigger language plpgsql security definer ${PINNED} as $$
  declare owner record; total numeric;
  begin
    select account, book into owner from public.journal_entries where entry_id = new.entry_id;
    select sum(p.amount) into total from public.postings p join public.journal_entries e using (entry_id)
      where e.account = owner.account and e.book = owner.book
        and p.ledger_account = 'Assets:Units' and p.commodity = new.commodity;
    if total < 0 then
      raise exception 'units of % would be % in the % of %', new.commodity, total, owner.book, owner.account
        using errcode = 'check_violation', constraint = 'postings_units_check';
    end if;
    return null;
  end $$;
  create or replace function refuse_late_supersession() returns trigger language plpgsql security definer ${PINNED} as $$
  begin
    perform pg_advisory_xact_lock(hashtextextended('ticket:' || new.account || new.trading_day, 0));
    if exists (select from public.confirmations where ticket_id = new.supersedes_ticket_id) then
      raise exception 'ticket % is confirmed and cannot be superseded', new.supersedes_ticket_id
        using errcode = 'check_violation', constraint = 'tickets_supersedes_open_check';
    end if;
    return new;
  end $$;
  create or replace function refuse_superseded_confirmation() returns trigger language plpgsql security definer ${PINNED} as $$
  declare t record;
  begin
    select account, trading_day into t from public.tickets where ticket_id = new.ticket_id;
    perform pg_advisory_xact_lock(hashtextextended('ticket:' || t.account || t.trading_day, 0));
    if exists (select from public.tickets where supersedes_ticket_id = new.ticket_id) then
      raise exception 'ticket % is superseded and cannot be confirmed', new.ticket_id
        using errcode = 'check_violation', constraint = 'confirmations_live_ticket_check';
    end if;
    return new;
  end $$;
  alter function serialise_account_bookings() ${PINNED};
  alter function refuse_edit() ${PINNED};
`;

// A revision a row would be a statement a row: a history that is restated as a whole is one.
const REVISIONS = `
  create function stamp_bar() returns trigger language plpgsql ${PINNED} as $$
  begin
    if (old.source, old.symbol, old.session) is distinct from (new.source, new.symbol, new.session) then
      raise exception 'a bar keeps its source, symbol and session';
    end if;
    new.recorded_at := clock_timestamp();
    return new;
  end $$;
  drop trigger bars_revision_trg on bars;
  create or replace function record_bar_revision() returns trigger language plpgsql security definer ${PINNED} as $$
  begin
    insert into public.bar_revisions (source, symbol, session, prior, revised)
    select o.source, o.symbol, o.session,
           to_jsonb(o) - '{source,symbol,session}'::text[], to_jsonb(n) - '{source,symbol,session}'::text[]
      from replaced o join inserted n using (source, symbol, session);
    return null;
  end $$;
  create trigger bars_stamp_trg before update on bars for each row execute function stamp_bar();
  create trigger bars_revision_trg after update on bars referencing old table as replaced new table as inserted
    for each statement execute function record_bar_revision();
`;

/**
 * A row that this transaction can see and that is still in progress is its own, also one of a savepoint. Numbers of transactions
 * count on from the transaction's own; one from before it is far behind it, or so far ahead that it went round.
 */
const CHILDREN = `
  create function is_of_this_transaction(written xid) returns boolean language plpgsql ${PINNED} as $$
  declare
    mine bigint := pg_current_xact_id()::text::bigint;
    ahead bigint := (written::text::bigint - mine % 4294967296 + 4294967296) % 4294967296;
  begin
    return ahead = 0 or (ahead < 2147483648 and pg_xact_status((mine + ahead)::text::xid8) = 'in progress');
  end $$;
  create function refuse_late_children() returns trigger language plpgsql security definer ${PINNED} as $$
  declare parent text;
  begin
    case tg_table_name
      when 'postings' then
        select 'journal entry ' || p.entry_id into parent from inserted join public.journal_entries p using (entry_id)
         where not public.is_of_this_transaction(p.xmin) limit 1;
      when 'snapshot_positions' then
        select 'snapshot ' || p.snapshot_id into parent from inserted join public.snapshots p using (snapshot_id)
         where not public.is_of_this_transaction(p.xmin) limit 1;
      when 'ticket_lines' then
        select 'ticket ' || p.ticket_id into parent from inserted join public.tickets p using (ticket_id)
         where not public.is_of_this_transaction(p.xmin) limit 1;
      when 'ticket_facts' then
        select 'ticket ' || p.ticket_id into parent from inserted join public.tickets p using (ticket_id)
         where not public.is_of_this_transaction(p.xmin) limit 1;
      when 'fills' then
        select 'confirmation ' || p.confirmation_id into parent from inserted join public.confirmations p using (confirmation_id)
         where not public.is_of_this_transaction(p.xmin) limit 1;
    end case;
    if parent is not null then
      raise exception '% is recorded: nothing is added to it', parent
        using errcode = 'check_violation', constraint = tg_table_name || '_with_parent_check';
    end if;
    return null;
  end $$;
`;
const WITH_PARENT = ['postings', 'snapshot_positions', 'ticket_lines', 'ticket_facts', 'fills'];

// The role makes no temporary table: the one it loads bars by is made for it.
const STAGE = `
  create function prepare_bars_stage() returns void language plpgsql security definer ${PINNED} as $$
  begin
    if to_regclass('pg_temp.bars_stage') is not null then return; end if;
    create temporary table bars_stage (
      place smallint, session date, open numeric, high numeric, low numeric, close numeric, volume numeric, adj_close numeric)
      on commit delete rows;
    grant select, insert, truncate on pg_temp.bars_stage to trading_ops_app;
  end $$;
  do $$ begin
    execute format('revoke temporary on database %I from trading_ops_app, public', current_database());
  end $$;
  revoke create on schema public from public, trading_ops_app;
`;

const BARS_CHANGE =
  'basis, currency, open, high, low, close, volume, adj_close, payload_sha256, retrieved_at';

export async function up(knex) {
  await knex.raw(FUNCTIONS);
  await knex.raw(REVISIONS);
  await knex.raw(CHILDREN);
  for (const table of WITH_PARENT)
    await knex.raw(`create trigger ${table}_with_parent_trg after insert on ${table} referencing new table as inserted
      for each statement execute function refuse_late_children()`);
  await knex.raw(STAGE);
  for (const table of [...(await factTables(knex)), 'audit_log'])
    if (table !== 'bar_revisions') await grantInsert(knex, table);
  await knex.raw(`revoke update on bars from trading_ops_app; grant update (${BARS_CHANGE}) on bars to trading_ops_app`);
}

export const down = forwardOnly;
