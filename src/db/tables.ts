import type { Knex } from 'knex';
import {
  bigint,
  boolean,
  byDatabase,
  byDefault,
  date,
  instant,
  integer,
  json,
  numeric,
  orNull,
  smallint,
  text,
  texts,
  uuid,
  type CamelCase,
  type NewRowOf,
  type RowOf,
} from './columns.js';
import type { BackupReason } from '../domain/backup/reason.js';
import type { ProofKind, RestoreProof } from '../domain/backup/proof.js';
import type { ExecutedStatus } from '../domain/confirmation/shape.js';
import type { FetchOutcome } from '../domain/decision/facts.js';
import type { Book, EntryKind, LedgerAccount } from '../domain/ledger/entries.js';
import type { ReconciliationEvidence } from '../domain/reconciliation/evidence.js';
import type {
  ActionRuling,
  Clock,
  CorporateAction,
  GateName,
  GateResult,
  PriceBasis,
  RunSlot,
  Sha256,
  Side,
  TicketMaterial,
} from '../domain/types.js';

/** When Postgres stored the row, by its own clock. */
const recorded_at = byDefault(instant());
/** What facts have in common; `seq` is their place in the order of all facts (what is newest is told by it). */
const FACT = { recorded_at, seq: byDatabase(bigint()) };

const tickets = {
  ticket_id: uuid(),
  account: text(),
  trading_day: date(),
  as_of_date: date(),
  kind: text<TicketMaterial['kind']>(),
  dry_run: boolean(),
  material_hash: text<Sha256>(),
  material: json(),
  reasons: json(),
  run_id: uuid(),
  issued_at: instant(),
  window_opens_at: orNull(instant()),
  window_closes_at: orNull(instant()),
  policy_hash: text<Sha256>(),
  universe_hash: text<Sha256>(),
  snapshot_id: orNull(uuid()),
  supersedes_ticket_id: orNull(uuid()),
  supersedes_kind: orNull(text<'NO_TRADE'>()),
  recorded_at,
};

/**
 * Every table and its columns, as the migrations leave them; what each holds the database says (`make db-tables`).
 * The types of rows below are made of it, and test/integration/tables.test.ts compares it with a migrated database.
 */
export const TABLES = {
  accounts: { account: text(), base_currency: text(), clock: text<Clock>(), opened_at: byDefault(instant()) },
  config_versions: {
    content_hash: text<Sha256>(),
    kind: text<'policy' | 'universe'>(),
    content: json(),
    first_seen_at: byDefault(instant()),
  },

  runs: {
    run_id: uuid(),
    slot: text<RunSlot>(),
    trading_day: date(),
    as_of_date: date(),
    at: instant(),
    workflow_id: text(),
    operator: text(),
    policy_hash: text<Sha256>(),
    universe_hash: text<Sha256>(),
    accounts: byDefault(texts()),
    ...FACT,
  },
  run_steps: {
    run_id: uuid(),
    step: text(),
    status: text<'DONE' | 'PASS' | 'FAIL' | 'FAULT'>(),
    summary: text(),
    detail: byDefault(json<object>()),
    ...FACT,
  },
  run_results: { run_id: uuid(), outcome: text(), summary: text(), detail: byDefault(json<object>()), ...FACT },
  gate_results: {
    gate_result_id: byDatabase(bigint()),
    run_id: uuid(),
    account: orNull(text()),
    trading_day: date(),
    as_of_date: date(),
    gate: text<GateName>(),
    status: text<GateResult['status']>(),
    reasons: json(),
    evidence: json(),
    exclusions: orNull(json()),
    ...FACT,
  },

  payloads: {
    payload_id: byDatabase(bigint()),
    run_id: uuid(),
    provider: text(),
    kind: text<'eod' | 'actions' | 'fx'>(),
    symbol: text(),
    request: text(),
    retrieved_at: instant(),
    sha256: text<Sha256>(),
    bytes: bigint(),
    path: text(),
    recorded_at,
  },
  fetch_results: {
    run_id: uuid(),
    provider: text(),
    kind: text<'eod' | 'fx'>(),
    symbol: text(),
    status: text<FetchOutcome['status']>(),
    code: orNull(text()),
    message: orNull(text()),
    rows_read: byDefault(integer()),
    rows_new: byDefault(integer()),
    rows_revised: byDefault(integer()),
    last_session: orNull(date()),
    findings: byDefault(json<FetchOutcome['findings']>()),
    ...FACT,
  },
  bars: {
    source: text(),
    symbol: text(),
    session: date(),
    basis: text<PriceBasis>(),
    currency: text(),
    open: numeric(),
    high: numeric(),
    low: numeric(),
    close: numeric(),
    volume: orNull(numeric()),
    adj_close: orNull(numeric()),
    payload_sha256: text<Sha256>(),
    retrieved_at: instant(),
    recorded_at,
  },
  /** Written by the trigger of `bars`. */
  bar_revisions: {
    revision_id: byDatabase(bigint()),
    source: text(),
    symbol: text(),
    session: date(),
    prior: json<object>(),
    revised: json<object>(),
    replaced_at: byDefault(instant()),
    seq: FACT.seq,
  },
  fx_rates: {
    fx_rate_id: byDatabase(bigint()),
    source: text(),
    pair: text(),
    date: date(),
    rate: numeric(),
    payload_sha256: text<Sha256>(),
    retrieved_at: instant(),
    ...FACT,
  },
  corporate_actions: {
    action_id: byDatabase(bigint()),
    source: text(),
    symbol: text(),
    ex_date: date(),
    kind: text<CorporateAction['kind']>(),
    value: numeric(),
    published: text(),
    currency: orNull(text()),
    payload_sha256: text<Sha256>(),
    retrieved_at: instant(),
    answer: orNull(bigint()),
    ...FACT,
  },
  action_rulings: {
    ruling_id: byDatabase(bigint()),
    symbol: text(),
    ex_date: date(),
    kind: text<ActionRuling['kind']>(),
    ruling: text<ActionRuling['ruling']>(),
    value: orNull(numeric()),
    reason: text(),
    operator: text(),
    ruled_at: instant(),
    recorded_at,
  },

  snapshots: {
    snapshot_id: uuid(),
    account: text(),
    snapshot_date: date(),
    taken_at: instant(),
    cash: numeric(),
    notes: orNull(text()),
    operator: text(),
    content_hash: text<Sha256>(),
    recorded_at,
  },
  snapshot_positions: { snapshot_id: uuid(), symbol: text(), units: numeric() },
  reconciliations: {
    reconciliation_id: uuid(),
    account: text(),
    trading_day: date(),
    snapshot_id: uuid(),
    status: text<'PASS' | 'FAIL'>(),
    reasons: json(),
    /** Its explanations are of whatever version wrote them. */
    evidence: json<Omit<ReconciliationEvidence, 'explanations'> & { explanations: unknown }>(),
    last_entry_id: orNull(bigint()),
    opened_ledger: byDefault(boolean()),
    at: instant(),
    operator: text(),
    report_path: text(),
    command_id: text(),
    ...FACT,
  },

  journal_entries: {
    entry_id: byDatabase(bigint()),
    account: text(),
    book: text<Book>(),
    kind: text<EntryKind>(),
    effective_date: date(),
    booked_at: instant(),
    description: text(),
    symbol: orNull(text()),
    operator: text(),
    ticket_id: orNull(uuid()),
    confirmation_id: orNull(uuid()),
    reverses_entry_id: orNull(bigint()),
    idempotency_key: text(),
    cost_share: orNull(numeric()),
    recorded_at,
  },
  postings: {
    entry_id: bigint(),
    line_no: smallint(),
    ledger_account: text<LedgerAccount>(),
    commodity: text(),
    amount: numeric(),
  },
  valuations: {
    account: text(),
    as_of_date: date(),
    run_id: uuid(),
    cash: numeric(),
    positions_value: numeric(),
    equity: numeric(),
    net_flows: numeric(),
    equity_index: numeric(),
    peak_index: numeric(),
    fx_rate: orNull(numeric()),
    last_entry_id: orNull(bigint()),
    ...FACT,
  },
  kill_switch_events: {
    event_id: byDatabase(bigint()),
    account: text(),
    event: text<'ENGAGED' | 'RESET'>(),
    reason: text(),
    operator: text(),
    at: instant(),
    idempotency_key: text(),
    ...FACT,
  },

  tickets: { ...tickets, seq: FACT.seq },
  ticket_lines: {
    ticket_id: uuid(),
    sequence: smallint(),
    symbol: text(),
    etoro_search_name: text(),
    side: text<Side>(),
    order_type: text<'MARKET'>(),
    value_base: orNull(numeric()),
    units: orNull(numeric()),
    reference_price: numeric(),
    reference_currency: text(),
    skip_price: numeric(),
  },
  ticket_facts: { ticket_id: uuid(), facts: json(), facts_hash: text<Sha256>() },
  confirmations: {
    confirmation_id: uuid(),
    ticket_id: uuid(),
    kind: text<'ACK' | 'FILLS'>(),
    content: json(),
    content_hash: text<Sha256>(),
    amends_confirmation_id: orNull(uuid()),
    operator: text(),
    confirmed_at: instant(),
    ...FACT,
  },
  fills: {
    confirmation_id: uuid(),
    sequence: smallint(),
    symbol: text(),
    side: text<Side>(),
    executed_status: text<ExecutedStatus>(),
    units: orNull(numeric()),
    fill_price: orNull(numeric()),
    executed_value_base: orNull(numeric()),
    filled_at: orNull(instant()),
    notes: orNull(text()),
    entry_id: orNull(bigint()),
  },
  day_events: {
    account: text(),
    trading_day: date(),
    event: text<'OPENED' | 'CLOSED'>(),
    run_id: orNull(uuid()),
    at: instant(),
    detail: byDefault(json<object>()),
    ...FACT,
  },

  alerts: {
    alert_id: uuid(),
    account: orNull(text()),
    trading_day: orNull(date()),
    code: text(),
    subject: byDefault(text()),
    message: text(),
    remedy: text(),
    evidence: byDefault(json<object>()),
    dedupe_key: text(),
    raised_at: instant(),
    ...FACT,
  },
  alert_events: {
    event_key: text(),
    alert_id: uuid(),
    kind: text<'RECOVERED' | 'ACKNOWLEDGED' | 'PLANNED' | 'SENT' | 'FAILED' | 'GAVE_UP'>(),
    notice: orNull(text<'ALERT' | 'RECOVERY'>()),
    sink: orNull(text()),
    attempt: orNull(integer()),
    operator: orNull(text()),
    note: text(),
    at: instant(),
    ...FACT,
  },
  backups: {
    file: text(),
    bytes: bigint(),
    sha256: text<Sha256>(),
    manifest_sha256: text<Sha256>(),
    taken_at: instant(),
    finished_at: instant(),
    reason: text<BackupReason>(),
    operator: orNull(text()),
    recorded_at,
  },
  restore_proofs: {
    proof_id: uuid(),
    kind: text<ProofKind>(),
    passed: boolean(),
    file: text(),
    sha256: text<Sha256>(),
    backup_taken_at: instant(),
    started_at: instant(),
    finished_at: instant(),
    operator: orNull(text()),
    proof: json<RestoreProof>(),
    report_path: text(),
    ...FACT,
  },
  audit_log: {
    seq: byDatabase(bigint()),
    at: instant(),
    account: orNull(text()),
    actor: text(),
    action: text(),
    subject: text(),
    detail: json<object>(),
    prev_hash: byDatabase(text<Sha256>()),
    hash: byDatabase(text<Sha256>()),
  },
};

/** Views, which are only read. */
export const VIEWS = {
  /** The newest ticket of each account and trading day. */
  live_tickets: tickets,
};

/** A row of a table, or of a view, as it is read: what a query selects is a `Pick` of it. */
export type Row<Name extends keyof typeof TABLES | keyof typeof VIEWS> = RowOf<(typeof TABLES & typeof VIEWS)[Name]>;
/** Columns of a row under the names the program has for them: `trading_day` is `tradingDay`. */
export type CamelRow<
  Name extends keyof typeof TABLES | keyof typeof VIEWS,
  Column extends keyof Row<Name> = keyof Row<Name>,
> = { [C in Column as CamelCase<C & string>]: Row<Name>[C] };
/** A row of a table as it is inserted. */
export type NewRow<Name extends keyof typeof TABLES> = NewRowOf<(typeof TABLES)[Name]>;

/** Facts are appended: there is a type to insert and none to update. */
type Appended<Name extends keyof typeof TABLES> = Knex.CompositeTableType<Row<Name>, NewRow<Name>, never, never>;

declare module 'knex/types/tables.js' {
  interface Tables extends Declared {}
}

type Declared = { [Name in keyof typeof TABLES]: Appended<Name> } & {
  [Name in keyof typeof VIEWS]: Knex.CompositeTableType<Row<Name>, never, never, never>;
};
