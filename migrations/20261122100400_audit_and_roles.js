import { document, forwardOnly } from '../migrations-support/document.js';

/** The audit log as a hash chain, and what the application's role may do: append facts, never edit them. */
export async function up(knex) {
  await knex.raw(`
    create table audit_log (
      seq            bigint primary key,
      at             timestamptz not null,
      account        text,
      actor          text not null,
      action         text not null,
      subject        text not null,
      detail         jsonb not null,
      prev_hash      text not null,
      hash           text not null constraint audit_log_hash_uniq unique
    );
    create function audit_hash(seq bigint, at timestamptz, account text, actor text, action text, subject text, detail jsonb, prev_hash text)
      returns text language sql immutable as $$
      select encode(sha256(convert_to(jsonb_build_array(
        seq, to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), account, actor, action, subject, detail, prev_hash)::text, 'UTF8')), 'hex')
    $$;
    create function chain_audit() returns trigger language plpgsql security definer set search_path from current as $$
    declare last record;
    begin
      perform pg_advisory_xact_lock(hashtextextended('audit_log', 0));
      select seq, hash into last from audit_log order by seq desc limit 1;
      new.seq := coalesce(last.seq, 0) + 1;
      new.prev_hash := coalesce(last.hash, repeat('0', 64));
      new.hash := audit_hash(new.seq, new.at, new.account, new.actor, new.action, new.subject, new.detail, new.prev_hash);
      return new;
    end $$;
    create trigger audit_log_chain_trg before insert on audit_log for each row execute function chain_audit();
    create function audit_chain_breaks() returns table (seq bigint, problem text) language sql stable as $$
      select * from (select a.seq, case
        when a.seq <> coalesce(lag(a.seq) over w, 0) + 1 then 'a record before it is missing'
        when a.prev_hash <> coalesce(lag(a.hash) over w, repeat('0', 64)) then 'does not follow the record before it'
        when a.hash <> audit_hash(a.seq, a.at, a.account, a.actor, a.action, a.subject, a.detail, a.prev_hash) then 'was altered'
      end as problem
      from audit_log a window w as (order by a.seq)) checked where problem is not null
    $$;
    create function refuse_edit() returns trigger language plpgsql as $$
    begin
      raise exception '% is append-only: % refused', tg_table_name, tg_op using errcode = 'insufficient_privilege';
    end $$;
  `);
  const facts = ['accounts', 'config_versions', 'runs', 'run_steps', 'run_results', 'gate_results', 'payloads', 'fetch_results',
    'bar_revisions', 'fx_rates', 'corporate_actions', 'action_rulings', 'snapshots', 'snapshot_positions', 'journal_entries',
    'postings', 'reconciliations', 'valuations', 'kill_switch_events', 'tickets', 'ticket_lines', 'ticket_facts', 'confirmations',
    'fills', 'day_events', 'alerts', 'audit_log'];
  for (const table of facts) {
    await knex.raw(`create trigger ?? before update or delete or truncate on ?? for each statement execute function refuse_edit()`, [`${table}_append_only_trg`, table]);
  }
  await knex.raw(`
    do $$ begin
      if not exists (select from pg_roles where rolname = 'trading_ops_app') then create role trading_ops_app nologin; end if;
    end $$;
    -- Loading bars needs a stage: a temporary table.
    do $$ begin execute format('grant temporary on database %I to trading_ops_app', current_database()); end $$;
    grant usage on schema public to trading_ops_app;
    grant select on all tables in schema public to trading_ops_app;
    grant insert on ${facts.filter((t) => t !== 'bar_revisions').join(', ')}, bars to trading_ops_app;
    grant update on bars to trading_ops_app;
    grant execute on all functions in schema public to trading_ops_app;
    alter default privileges in schema public grant select on tables to trading_ops_app;
  `);
  await document(knex, {
    audit_log: ['Who did what, as a hash chain: each record carries the hash of the one before it.', {
      seq: 'Gapless order.', at: 'Instant, by the account\'s clock.', account: 'Account.', actor: 'Operator or system.', action: 'What was done.', subject: 'To what.', detail: 'Figures.',
      prev_hash: 'Hash of the record before.', hash: 'SHA-256 over this record and prev_hash.' }],
  });
}

export const down = forwardOnly;
