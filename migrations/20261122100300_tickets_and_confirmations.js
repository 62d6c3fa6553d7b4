import { document, forwardOnly } from '../migrations-support/document.js';

/** The one ticket of a day, its confirmation, the day itself, and what a human must see. */
export async function up(knex) {
  await knex.raw(`
    create table tickets (
      ticket_id      uuid primary key,
      account        text not null references accounts,
      trading_day    date not null,
      as_of_date     date not null,
      kind           text not null constraint tickets_kind_check check (kind in ('TRADE', 'NO_TRADE')),
      dry_run        boolean not null,
      material_hash  text not null constraint tickets_material_hash_check check (material_hash ~ '^[0-9a-f]{64}$'),
      material       jsonb not null,
      reasons        jsonb not null,
      run_id         uuid not null references runs,
      issued_at      timestamptz not null,
      window_opens_at timestamptz,
      window_closes_at timestamptz,
      policy_hash    text not null references config_versions,
      universe_hash  text not null references config_versions,
      snapshot_id    uuid references snapshots,
      supersedes_ticket_id uuid constraint tickets_supersedes_uniq unique,
      supersedes_kind text constraint tickets_supersedes_kind_check check (supersedes_kind = 'NO_TRADE'),
      recorded_at    timestamptz not null default now(),
      constraint tickets_identity_uniq unique (ticket_id, account, trading_day, kind),
      constraint tickets_supersedes_fk foreign key (supersedes_ticket_id, account, trading_day, supersedes_kind)
        references tickets (ticket_id, account, trading_day, kind),
      constraint tickets_supersedes_check check ((supersedes_ticket_id is null) = (supersedes_kind is null)),
      constraint tickets_no_trade_check check (kind = 'TRADE' or jsonb_array_length(reasons) > 0),
      constraint tickets_trade_check check (kind = 'NO_TRADE' or (window_opens_at < window_closes_at and snapshot_id is not null))
    );
    create unique index tickets_first_of_day_uniq on tickets (account, trading_day) where supersedes_ticket_id is null;
    create table ticket_lines (
      ticket_id      uuid not null references tickets,
      sequence       smallint not null constraint ticket_lines_sequence_check check (sequence > 0),
      symbol         text not null,
      etoro_search_name text not null,
      side           text not null constraint ticket_lines_side_check check (side in ('BUY', 'SELL')),
      order_type     text not null constraint ticket_lines_order_type_check check (order_type = 'MARKET'),
      value_base     numeric(18, 2) constraint ticket_lines_value_check check (value_base > 0),
      units          numeric(18, 6) constraint ticket_lines_units_check check (units > 0),
      reference_price numeric not null constraint ticket_lines_price_check check (reference_price > 0),
      reference_currency text not null,
      skip_price     numeric not null constraint ticket_lines_skip_price_check check (skip_price > 0),
      primary key (ticket_id, sequence),
      constraint ticket_lines_symbol_uniq unique (ticket_id, symbol),
      constraint ticket_lines_size_check check ((side = 'BUY' and value_base is not null and units is null)
                                             or (side = 'SELL' and units is not null and value_base is null))
    );
    create table ticket_facts (
      ticket_id      uuid primary key references tickets,
      facts          jsonb not null,
      facts_hash     text not null
    );
    create view live_tickets as
      select t.* from tickets t where not exists (select from tickets n where n.supersedes_ticket_id = t.ticket_id);

    create table confirmations (
      confirmation_id uuid primary key,
      ticket_id      uuid not null references tickets,
      kind           text not null constraint confirmations_kind_check check (kind in ('ACK', 'FILLS')),
      content        jsonb not null,
      content_hash   text not null,
      amends_confirmation_id uuid constraint confirmations_amends_uniq unique,
      operator       text not null,
      confirmed_at   timestamptz not null,
      recorded_at    timestamptz not null default now(),
      constraint confirmations_identity_uniq unique (confirmation_id, ticket_id),
      constraint confirmations_amends_fk foreign key (amends_confirmation_id, ticket_id)
        references confirmations (confirmation_id, ticket_id)
    );
    create unique index confirmations_first_of_ticket_uniq on confirmations (ticket_id) where amends_confirmation_id is null;
    create table fills (
      confirmation_id uuid not null references confirmations,
      sequence       smallint not null,
      symbol         text not null,
      side           text not null constraint fills_side_check check (side in ('BUY', 'SELL')),
      executed_status text not null constraint fills_status_check check (executed_status in ('DONE', 'SKIPPED', 'FAILED', 'PARTIAL')),
      units          numeric(18, 6) constraint fills_units_check check (units > 0),
      fill_price     numeric(18, 6) constraint fills_price_check check (fill_price > 0),
      executed_value_base numeric(18, 2) constraint fills_value_check check (executed_value_base > 0),
      filled_at      timestamptz,
      notes          text,
      entry_id       bigint references journal_entries,
      primary key (confirmation_id, sequence),
      constraint fills_executed_check check (executed_status not in ('DONE', 'PARTIAL')
        or num_nonnulls(units, fill_price, executed_value_base, filled_at) = 4),
      constraint fills_notes_check check (executed_status = 'DONE' or btrim(notes) <> '')
    );
    alter table journal_entries add constraint journal_entries_ticket_fk foreign key (ticket_id) references tickets;
    alter table journal_entries add constraint journal_entries_confirmation_fk foreign key (confirmation_id) references confirmations;

    create function refuse_late_supersession() returns trigger language plpgsql security definer set search_path from current as $$
    begin
      perform pg_advisory_xact_lock(hashtextextended('ticket:' || new.account || new.trading_day, 0));
      if exists (select from confirmations where ticket_id = new.supersedes_ticket_id) then
        raise exception 'ticket % is confirmed and cannot be superseded', new.supersedes_ticket_id
          using errcode = 'check_violation', constraint = 'tickets_supersedes_open_check';
      end if;
      return new;
    end $$;
    create trigger tickets_supersession_trg before insert on tickets for each row execute function refuse_late_supersession();
    create function refuse_superseded_confirmation() returns trigger language plpgsql security definer set search_path from current as $$
    declare t record;
    begin
      select account, trading_day into t from tickets where ticket_id = new.ticket_id;
      perform pg_advisory_xact_lock(hashtextextended('ticket:' || t.account || t.trading_day, 0));
      if exists (select from tickets where supersedes_ticket_id = new.ticket_id) then
        raise exception 'ticket % is superseded and cannot be confirmed', new.ticket_id
          using errcode = 'check_violation', constraint = 'confirmations_live_ticket_check';
      end if;
      return new;
    end $$;
    create trigger confirmations_live_trg before insert on confirmations for each row execute function refuse_superseded_confirmation();

    create table day_events (
      account        text not null references accounts,
      trading_day    date not null,
      event          text not null constraint day_events_event_check check (event in ('OPENED', 'CLOSED')),
      run_id         uuid references runs,
      at             timestamptz not null,
      detail         jsonb not null default '{}',
      recorded_at    timestamptz not null default now(),
      primary key (account, trading_day, event)
    );
    create table alerts (
      alert_id       uuid primary key,
      account        text references accounts,
      trading_day    date,
      code           text not null,
      message        text not null,
      remedy         text not null,
      dedupe_key     text not null constraint alerts_dedupe_uniq unique,
      raised_at      timestamptz not null,
      recorded_at    timestamptz not null default now()
    );
  `);
  await document(knex, {
    tickets: ['The instructions: one chain an account and trading day; the ticket nobody supersedes is the live one.', {
      ticket_id: 'UUID v5 of account, trading day and material hash.', account: 'Account.', trading_day: 'Trading day.', as_of_date: 'Session of the prices.', kind: 'TRADE or NO_TRADE.', dry_run: 'Fills go to the paper book.',
      material_hash: 'SHA-256 of the canonical material.', material: 'Economic content.', reasons: 'Reasons with messages and evidence.', run_id: 'Run that issued it.', issued_at: 'Instant, by the account\'s clock.',
      window_opens_at: 'Execution window.', window_closes_at: 'Execution window.', policy_hash: 'Policy pinned.', universe_hash: 'Universe pinned.', snapshot_id: 'Snapshot pinned.',
      supersedes_ticket_id: 'NO_TRADE ticket of the same day that this one replaces; each at most once.', supersedes_kind: 'Carries the rule that only NO_TRADE is replaced.', recorded_at: 'Insert time.' }],
    ticket_lines: ['Numbered lines of a TRADE ticket.', {
      ticket_id: 'Ticket.', sequence: 'Line number.', symbol: 'Internal symbol.', etoro_search_name: 'What to type at eToro.', side: 'BUY or SELL.', order_type: 'MARKET.', value_base: 'BUY size, base currency.', units: 'SELL size.',
      reference_price: 'Close of the as-of date.', reference_currency: 'Its currency.', skip_price: 'BUY: skip above; SELL: skip below.' }],
    ticket_facts: ['The stored facts a ticket was decided on, pinned.', { ticket_id: 'Ticket.', facts: 'Facts.', facts_hash: 'SHA-256 of their canonical JSON.' }],
    confirmations: ['The operator\'s answer to a ticket: one, and amendments in a chain.', {
      confirmation_id: 'UUID v5 of ticket and content hash.', ticket_id: 'Ticket.', kind: 'ACK or FILLS.', content: 'As parsed.', content_hash: 'SHA-256 of the canonical content.', amends_confirmation_id: 'Confirmation it corrects.', operator: 'Who.', confirmed_at: 'Instant, by the account\'s clock.', recorded_at: 'Insert time.' }],
    fills: ['What was executed, one row a ticket line.', {
      confirmation_id: 'Confirmation.', sequence: 'Ticket line.', symbol: 'Internal symbol.', side: 'Side.', executed_status: 'DONE, SKIPPED, FAILED or PARTIAL.', units: 'Shares.', fill_price: 'Listing currency a share.', executed_value_base: 'Base currency, costs included.', filled_at: 'When.', notes: 'Required unless DONE.', entry_id: 'Entry that books it.' }],
    day_events: ['Opening and closing of a trading day.', { account: 'Account.', trading_day: 'Day.', event: 'OPENED or CLOSED.', run_id: 'Run that opened it.', at: 'Instant, by the account\'s clock.', detail: 'How.', recorded_at: 'Insert time.' }],
    alerts: ['What a human must see, raised once.', { alert_id: 'Id.', account: 'Account.', trading_day: 'Day.', code: 'Code of INCIDENTS.md.', message: 'What happened.', remedy: 'What to type.', dedupe_key: 'The same alert is raised once.', raised_at: 'Instant, by the account\'s clock.', recorded_at: 'Insert time.' }],
  });
  await knex.raw(`comment on view live_tickets is 'The newest ticket of each account and trading day.'`);
}

export const down = forwardOnly;
