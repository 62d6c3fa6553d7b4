import { document, forwardOnly } from '../migrations-support/document.js';
import { coverFacts, grantInsert } from '../migrations-support/facts.js';

/**
 * The broker's own account statements, as evidence: what each says, once a file, and what came of holding it against the
 * ledger, once a state of the ledger. Nothing of it books anything.
 */
export async function up(knex) {
  await knex.raw(`
    create table statements (
      statement_id uuid primary key,
      account      text not null references accounts,
      file_name    text not null,
      sha256       text not null constraint statements_sha256_check check (sha256 ~ '^[0-9a-f]{64}$'),
      bytes        bigint not null constraint statements_bytes_check check (bytes > 0),
      path         text not null,
      layout       text not null,
      user_hash    text not null constraint statements_user_hash_check check (user_hash ~ '^[0-9a-f]{64}$'),
      period_from  timestamptz not null,
      period_to    timestamptz not null,
      content      jsonb not null constraint statements_content_check check (jsonb_typeof(content) = 'object'),
      operator     text not null,
      at           timestamptz not null,
      recorded_at  timestamptz not null default clock_timestamp(),
      seq          bigint not null default nextval('facts_seq'),
      constraint statements_period_check check (period_from < period_to),
      constraint statements_file_uniq unique (account, sha256)
    );
    create index statements_account_idx on statements (account, seq);
    create trigger statements_append_only_trg before update or delete or truncate on statements
      for each statement execute function refuse_edit();
    grant select on statements to trading_ops_app;

    create table statement_comparisons (
      comparison_id uuid primary key,
      statement_id  uuid not null references statements,
      status        text not null constraint statement_comparisons_status_check check (status in ('AGREES', 'DIFFERS')),
      content       jsonb not null constraint statement_comparisons_content_check check (jsonb_typeof(content) = 'object'),
      last_entry_id bigint references journal_entries,
      operator      text not null,
      at            timestamptz not null,
      recorded_at   timestamptz not null default clock_timestamp(),
      seq           bigint not null default nextval('facts_seq')
    );
    create unique index statement_comparisons_ledger_uniq on statement_comparisons (statement_id, coalesce(last_entry_id, 0));
    create trigger statement_comparisons_append_only_trg before update or delete or truncate on statement_comparisons
      for each statement execute function refuse_edit();
    grant select on statement_comparisons to trading_ops_app;
  `);
  for (const table of ['statements', 'statement_comparisons']) {
    await grantInsert(knex, table);
    await coverFacts(knex, table);
  }
  await document(knex, { statements: STATEMENTS, statement_comparisons: COMPARISONS });
}

const STATEMENTS = ['Account statements of the broker that were imported, once a file.', {
  statement_id: 'Id, made of account and file.',
  account: 'Account that it is of.',
  file_name: 'Name that the file came with.',
  sha256: 'SHA-256 of the file.',
  bytes: 'Size of the file.',
  path: 'Where the file is kept, below the data directory.',
  layout: 'Which of the layouts of the broker it has.',
  user_hash: 'SHA-256 of the name of its user, which tells accounts of the broker apart.',
  period_from: 'Beginning of its period.',
  period_to: 'End of its period.',
  content: 'What it says, row by row.',
  operator: 'Who imported it.',
  at: 'Instant, by the account\'s clock.',
  recorded_at: 'Insert time.',
  seq: 'Place in the order of all facts.',
}];

const COMPARISONS = ['What came of holding a statement against the ledger as it stood.', {
  comparison_id: 'Id, made of the statement and the newest entry.',
  statement_id: 'The statement.',
  status: 'AGREES, or DIFFERS.',
  content: 'Line by line, what both sides say, with proposals.',
  last_entry_id: 'Newest entry of the ledger that was looked at; null while it was empty.',
  operator: 'Who asked.',
  at: 'Instant, by the account\'s clock.',
  recorded_at: 'Insert time.',
  seq: 'Place in the order of all facts.',
}];

export const down = forwardOnly;
