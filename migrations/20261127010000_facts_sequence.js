import { forwardOnly } from '../migrations-support/document.js';

/**
 * One sequence over the facts whose order decides something: what is newest, and what was known when, is told by it and never by a
 * clock, which may be set back. Its numbers are given by the database alone. One sequence and not one a table, for facts of
 * different tables are compared too: a reset of the kill switch with a valuation, a run's end with the rates it knew.
 */

/** In the order in which facts of one instant are taken to have come. */
const FACTS = [
  ['runs'], ['run_steps'], ['gate_results'], ['fetch_results'], ['bar_revisions', 'replaced_at'], ['fx_rates'], ['corporate_actions'],
  ['kill_switch_events'], ['valuations'], ['reconciliations'], ['tickets'], ['run_results'], ['confirmations'], ['day_events'],
  ['alerts'], ['alert_events'], ['restore_proofs'],
];

/** Numbers that the database gave already: an order within their own table. */
const IDENTITY = { gate_results: 'gate_result_id', fx_rates: 'fx_rate_id', corporate_actions: 'action_id', kill_switch_events: 'event_id' };
const NUMBERED = { payloads: 'payload_id', action_rulings: 'ruling_id', journal_entries: 'entry_id' };

const INDEXES = `
  create index runs_seq_idx on runs (seq);
  drop index fetch_results_newest_idx;
  create index fetch_results_newest_idx on fetch_results (provider, kind, symbol, seq desc);
  drop index reconciliations_account_idx;
  create index reconciliations_account_idx on reconciliations (account, seq desc);
  create index valuations_newest_idx on valuations (account, as_of_date desc, seq desc);
  drop index alerts_series_idx;
  create index alerts_series_idx on alerts (code, subject, account, seq desc);
`;

export async function up(knex) {
  await knex.raw('create sequence facts_seq');
  await knex.raw('grant usage on sequence facts_seq to trading_ops_app');
  for (const [table] of FACTS) await knex.raw('alter table ?? add column seq bigint', [table]);
  await number(knex);
  for (const [table] of FACTS) {
    await knex.raw(`alter table ?? alter column seq set default nextval('facts_seq'), alter column seq set not null`, [table]);
    await knex.raw(`comment on column ??.seq is 'Place in the order of all facts, given by the database: what is newest is decided by it, never by a clock.'`, [table]);
  }
  await knex.raw(INDEXES);
  // The application may append, but not choose a number: it would be choosing what counts as newest.
  for (const [table] of FACTS) if (table !== 'bar_revisions') await withoutNumber(knex, table, ['seq', IDENTITY[table] ?? 'seq']);
  for (const [table, column] of Object.entries(NUMBERED)) await withoutNumber(knex, table, [column]);
}

/** Numbers what is stored already, in the order in which it was recorded; within one instant as the rows lie. */
async function number(knex) {
  const rows = FACTS.map(([table, recordedAt = 'recorded_at'], rank) =>
    knex.raw('select ?::text as fact, ?::int as rank, ctid as row, ?? as at from ??', [table, rank, recordedAt, table]).toQuery());
  await knex.raw(`create temporary table facts_order on commit drop as
    select fact, row, row_number() over (order by at, rank, row) as seq from (${rows.join(' union all ')}) as facts`);
  for (const [table] of FACTS) {
    // The rows get a number and lose nothing: the one edit that facts ever see.
    await knex.raw('alter table ?? disable trigger ??', [table, `${table}_append_only_trg`]);
    await knex.raw('update ?? set seq = o.seq from facts_order o where o.fact = ? and o.row = ??.ctid', [table, table, table]);
    await knex.raw('alter table ?? enable trigger ??', [table, `${table}_append_only_trg`]);
  }
  await knex.raw(`select setval('facts_seq', (select coalesce(max(seq), 0) + 1 from facts_order), false)`);
}

async function withoutNumber(knex, table, numbers) {
  const { rows } = await knex.raw(
    `select string_agg(quote_ident(column_name), ', ' order by ordinal_position) as columns from information_schema.columns
      where table_schema = current_schema() and table_name = ? and column_name <> all(?)`, [table, numbers]);
  await knex.raw(`revoke insert on ?? from trading_ops_app`, [table]);
  await knex.raw(`grant insert (${rows[0].columns}) on ?? to trading_ops_app`, [table]);
}

export const down = forwardOnly;
