import { document, forwardOnly } from '../migrations-support/document.js';

/** Who trades, under which configuration, and every run of a slot. */
export async function up(knex) {
  await knex.raw(`
    create table accounts (
      account        text primary key constraint accounts_account_check check (account ~ '^[a-z][a-z0-9-]{0,30}$'),
      base_currency  text not null constraint accounts_base_currency_check check (base_currency ~ '^[A-Z]{3}$'),
      clock          text not null constraint accounts_clock_check check (clock in ('real', 'simulated')),
      opened_at      timestamptz not null default now()
    );
    create table config_versions (
      content_hash   text primary key constraint config_versions_hash_check check (content_hash ~ '^[0-9a-f]{64}$'),
      kind           text not null constraint config_versions_kind_check check (kind in ('policy', 'universe')),
      content        jsonb not null,
      first_seen_at  timestamptz not null default now()
    );
    create table runs (
      run_id         uuid primary key,
      slot           text not null constraint runs_slot_check check (slot in ('0800', '1400', 'ops')),
      trading_day    date not null,
      as_of_date     date not null,
      at             timestamptz not null,
      workflow_id    text not null,
      operator       text not null,
      policy_hash    text not null references config_versions,
      universe_hash  text not null references config_versions,
      recorded_at    timestamptz not null default now(),
      constraint runs_as_of_check check (as_of_date < trading_day)
    );
    create index runs_trading_day_idx on runs (trading_day, slot, at desc);
    create table run_steps (
      run_id         uuid not null references runs,
      step           text not null,
      status         text not null constraint run_steps_status_check check (status in ('DONE', 'PASS', 'FAIL', 'FAULT')),
      summary        text not null,
      detail         jsonb not null default '{}',
      recorded_at    timestamptz not null default now(),
      primary key (run_id, step)
    );
    create table run_results (
      run_id         uuid primary key references runs,
      outcome        text not null,
      summary        text not null,
      detail         jsonb not null default '{}',
      recorded_at    timestamptz not null default now()
    );
    create table gate_results (
      gate_result_id bigint generated always as identity primary key,
      run_id         uuid not null references runs,
      account        text references accounts,
      trading_day    date not null,
      as_of_date     date not null,
      gate           text not null,
      status         text not null constraint gate_results_status_check check (status in ('PASS', 'FAIL')),
      reasons        jsonb not null,
      evidence       jsonb not null,
      recorded_at    timestamptz not null default now(),
      constraint gate_results_reasons_check check ((status = 'PASS') = (jsonb_array_length(reasons) = 0))
    );
    create unique index gate_results_run_account_gate_uniq on gate_results (run_id, coalesce(account, ''), gate);
  `);
  await document(knex, {
    accounts: ['One broker account in one base currency.', {
      account: 'Name used in commands, workflow ids and files.', base_currency: 'ISO 4217 code that cash is held in.',
      clock: 'real, or simulated: only then may a command name its instant.', opened_at: 'When account add opened it.' }],
    config_versions: ['Every policy and universe that was ever used, by content hash.', {
      content_hash: 'SHA-256 of the canonical JSON (RFC 8785) of content.', kind: 'policy or universe.',
      content: 'The parsed configuration.', first_seen_at: 'When a run first used it.' }],
    runs: ['One execution of a slot, or of run-ops.', {
      run_id: 'Made by the workflow.', slot: '0800, 1400 or ops.', trading_day: 'UK calendar date the run is for.',
      as_of_date: 'Last NYSE session completed before the trading day.', at: 'The instant the run was asked for.',
      workflow_id: 'Temporal workflow that executed it.', operator: 'Who asked: a name of the policy or "schedule".',
      policy_hash: 'Policy in force, pinned.', universe_hash: 'Universe in force, pinned.', recorded_at: 'Insert time.' }],
    run_steps: ['What a run did, one row a step.', {
      run_id: 'The run.', step: 'Name of the step.', status: 'DONE, PASS, FAIL (a gate said no) or FAULT.',
      summary: 'One line for people.', detail: 'Figures for machines.', recorded_at: 'Insert time.' }],
    run_results: ['How a run ended; no row while it is under way.', {
      run_id: 'The run.', outcome: 'PASS, FAIL, TRADE, NO_TRADE, MISSED or FAULT.', summary: 'One line for people.',
      detail: 'Figures for machines.', recorded_at: 'Insert time.' }],
    gate_results: ['Each gate evaluation with its evidence.', {
      gate_result_id: 'Order of recording.', run_id: 'The run that evaluated it.', account: 'Null for gates shared by all accounts.',
      trading_day: 'Trading day.', as_of_date: 'As-of date.', gate: 'Gate name.', status: 'PASS or FAIL.',
      reasons: 'Array of {code, subject, message, evidence}; empty exactly when PASS.', evidence: 'What was looked at.',
      recorded_at: 'Insert time.' }],
  });
}

export const down = forwardOnly;
