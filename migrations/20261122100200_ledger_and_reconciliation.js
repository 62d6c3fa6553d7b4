import { document, forwardOnly } from '../migrations-support/document.js';

/** Double-entry journal, snapshots of the broker's figures, and the reconciliation of one with the other. */
export async function up(knex) {
  await knex.raw(`
    create table snapshots (
      snapshot_id    uuid primary key,
      account        text not null references accounts,
      snapshot_date  date not null,
      taken_at       timestamptz not null,
      cash           numeric(18, 2) not null constraint snapshots_cash_check check (cash >= 0 and cash <> 'NaN'),
      notes          text,
      operator       text not null,
      content_hash   text not null,
      recorded_at    timestamptz not null default now()
    );
    create index snapshots_account_idx on snapshots (account, taken_at desc);
    create table snapshot_positions (
      snapshot_id    uuid not null references snapshots,
      symbol         text not null,
      units          numeric(18, 6) not null constraint snapshot_positions_units_check check (units > 0 and units <> 'NaN'),
      primary key (snapshot_id, symbol)
    );
    create table journal_entries (
      entry_id       bigint generated always as identity primary key,
      account        text not null references accounts,
      book           text not null constraint journal_entries_book_check check (book in ('ledger', 'paper')),
      kind           text not null constraint journal_entries_kind_check check (kind in
                       ('OPENING', 'DEPOSIT', 'WITHDRAWAL', 'DIVIDEND', 'SPLIT', 'FEE', 'FILL', 'REVERSAL', 'BASELINE')),
      effective_date date not null,
      booked_at      timestamptz not null,
      description    text not null,
      symbol         text,
      ticket_id      uuid,
      confirmation_id uuid,
      reverses_entry_id bigint constraint journal_entries_reverses_uniq unique references journal_entries,
      idempotency_key text not null,
      operator       text not null,
      recorded_at    timestamptz not null default now(),
      constraint journal_entries_key_uniq unique (account, idempotency_key),
      constraint journal_entries_reversal_check check ((kind = 'REVERSAL') = (reverses_entry_id is not null))
    );
    create index journal_entries_account_idx on journal_entries (account, book, entry_id);
    create unique index journal_entries_opening_uniq on journal_entries (account, book) where kind = 'OPENING';
    create table postings (
      entry_id       bigint not null references journal_entries,
      line_no        smallint not null,
      ledger_account text not null constraint postings_ledger_account_check check (ledger_account in
                       ('Assets:Cash', 'Assets:Units', 'Equity:Opening', 'Equity:Transfers', 'Equity:Trading', 'Equity:Splits',
                        'Income:Dividends', 'Expenses:WithholdingTax', 'Expenses:Fees')),
      commodity      text not null,
      amount         numeric(24, 6) not null constraint postings_amount_check check (amount <> 0 and amount <> 'NaN'),
      primary key (entry_id, line_no)
    );
    create index postings_account_commodity_idx on postings (ledger_account, commodity);

    create function serialise_account_bookings() returns trigger language plpgsql as $$
    begin
      perform pg_advisory_xact_lock(hashtextextended('journal:' || new.account, 0));
      return new;
    end $$;
    create trigger journal_entries_serialise_trg before insert on journal_entries
      for each row execute function serialise_account_bookings();

    create function check_entry_balances() returns trigger language plpgsql security definer set search_path from current as $$
    declare bad record;
    begin
      select commodity, sum(amount) as total into bad from postings where entry_id = new.entry_id
        group by commodity having sum(amount) <> 0 limit 1;
      if found then
        raise exception 'journal entry % does not balance: % is off by %', new.entry_id, bad.commodity, bad.total
          using errcode = 'check_violation', constraint = 'postings_balanced_check';
      end if;
      if not exists (select from postings where entry_id = new.entry_id) then
        raise exception 'journal entry % has no postings', new.entry_id
          using errcode = 'check_violation', constraint = 'journal_entries_postings_check';
      end if;
      return null;
    end $$;
    create constraint trigger journal_entries_balance_trg after insert on journal_entries
      deferrable initially deferred for each row execute function check_entry_balances();
    create constraint trigger postings_balance_trg after insert on postings
      deferrable initially deferred for each row execute function check_entry_balances();

    create function check_units_not_negative() returns trigger language plpgsql security definer set search_path from current as $$
    declare owner record; total numeric;
    begin
      select account, book into owner from journal_entries where entry_id = new.entry_id;
      select sum(p.amount) into total from postings p join journal_entries e using (entry_id)
        where e.account = owner.account and e.book = owner.book
          and p.ledger_account = 'Assets:Units' and p.commodity = new.commodity;
      if total < 0 then
        raise exception 'units of % would be % in the % of %', new.commodity, total, owner.book, owner.account
          using errcode = 'check_violation', constraint = 'postings_units_check';
      end if;
      return null;
    end $$;
    create constraint trigger postings_units_trg after insert on postings
      deferrable initially deferred for each row when (new.ledger_account = 'Assets:Units')
      execute function check_units_not_negative();

    create table reconciliations (
      reconciliation_id uuid primary key,
      account        text not null references accounts,
      trading_day    date not null,
      snapshot_id    uuid not null references snapshots,
      status         text not null constraint reconciliations_status_check check (status in ('PASS', 'FAIL')),
      reasons        jsonb not null,
      evidence       jsonb not null,
      last_entry_id  bigint references journal_entries,
      opened_ledger  boolean not null default false,
      at             timestamptz not null,
      operator       text not null,
      report_path    text not null,
      command_id     text not null,
      recorded_at    timestamptz not null default now(),
      constraint reconciliations_command_uniq unique (account, command_id),
      constraint reconciliations_reasons_check check ((status = 'PASS') = (jsonb_array_length(reasons) = 0))
    );
    create index reconciliations_account_idx on reconciliations (account, recorded_at desc);
    create table valuations (
      account        text not null references accounts,
      as_of_date     date not null,
      run_id         uuid not null references runs,
      cash           numeric(18, 2) not null,
      positions_value numeric(18, 2) not null,
      equity         numeric(18, 2) not null,
      net_flows      numeric(18, 2) not null,
      equity_index   numeric(24, 10) not null,
      peak_index     numeric(24, 10) not null,
      fx_rate        numeric,
      last_entry_id  bigint references journal_entries,
      recorded_at    timestamptz not null default now(),
      primary key (account, as_of_date, run_id)
    );
    create table kill_switch_events (
      event_id       bigint generated always as identity primary key,
      account        text not null references accounts,
      event          text not null constraint kill_switch_events_event_check check (event in ('ENGAGED', 'RESET')),
      reason         text not null constraint kill_switch_events_reason_check check (btrim(reason) <> ''),
      operator       text not null,
      at             timestamptz not null,
      idempotency_key text not null constraint kill_switch_events_key_uniq unique,
      recorded_at    timestamptz not null default now()
    );
  `);
  await document(knex, {
    snapshots: ['What the operator read off eToro.', {
      snapshot_id: 'Id.', account: 'Account.', snapshot_date: 'Date the figures are of.', taken_at: 'Instant they were read.', cash: 'Available cash, base currency.',
      notes: 'Operator\'s note.', operator: 'Who.', content_hash: 'SHA-256 of the canonical content.', recorded_at: 'Insert time.' }],
    snapshot_positions: ['Every non-zero position of a snapshot.', { snapshot_id: 'Snapshot.', symbol: 'Internal symbol.', units: 'Shares, 6 decimals.' }],
    journal_entries: ['The journal: appended, never edited; a correction is a REVERSAL and a new entry.', {
      entry_id: 'Order of booking.', account: 'Account.', book: 'ledger, or paper for dry-run fills.', kind: 'What happened.', effective_date: 'Date it took effect.',
      booked_at: 'Instant it was booked, by the account\'s clock.', description: 'In words.', symbol: 'Symbol it is about.', ticket_id: 'Ticket it executes.', confirmation_id: 'Confirmation it books.',
      reverses_entry_id: 'Entry that this one reverses; each at most once.', idempotency_key: 'A repeat of the same command finds this.', operator: 'Who.', recorded_at: 'Insert time.' }],
    postings: ['Lines of an entry; each commodity sums to zero within the entry.', {
      entry_id: 'Entry.', line_no: 'Order.', ledger_account: 'Account of the chart.', commodity: 'Currency code or internal symbol.', amount: 'Debit positive, credit negative.' }],
    reconciliations: ['Each comparison of a snapshot with the ledger.', {
      reconciliation_id: 'Id.', account: 'Account.', trading_day: 'Day it was made for.', snapshot_id: 'Snapshot compared.', status: 'PASS or FAIL.', reasons: 'Reasons of a FAIL.', evidence: 'Figures compared, drift and explanations.',
      last_entry_id: 'Newest entry the ledger sums included.', opened_ledger: 'True when this snapshot opened the ledger.', at: 'Instant, by the account\'s clock.', operator: 'Who.', report_path: 'Report below the data directory.', command_id: 'A repeat of the same command finds this.', recorded_at: 'Insert time.' }],
    valuations: ['Value of an account at a close.', {
      account: 'Account.', as_of_date: 'Session of the prices.', run_id: 'Run that valued it.', cash: 'Base currency.', positions_value: 'Base currency.', equity: 'cash + positions_value.', net_flows: 'Deposits less withdrawals since the previous valuation.',
      equity_index: 'Equity with deposits and withdrawals taken out; 1 at the first valuation.', peak_index: 'Highest index so far: drawdown is measured from it.', fx_rate: 'Dollars for one unit of base currency; null when none was needed.', last_entry_id: 'Newest entry the valuation includes.', recorded_at: 'Insert time.' }],
    kill_switch_events: ['The latch: engaged by a drawdown or a human, reset only by a human with a reason.', {
      event_id: 'Order.', account: 'Account.', event: 'ENGAGED or RESET.', reason: 'Why.', operator: 'Who, or system.', at: 'Instant, by the account\'s clock.', idempotency_key: 'A repeat finds this.', recorded_at: 'Insert time.' }],
  });
}

export const down = forwardOnly;
