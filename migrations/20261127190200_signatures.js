import { document, forwardOnly } from '../migrations-support/document.js';
import { coverFacts } from '../migrations-support/facts.js';

/**
 * Who said it, proved: the signed statement beside each fact that a person asked for. `signing_since` says from which fact on: what
 * was stored before there were signatures counts as before. It is written once, by this migration, and never by the application.
 */
export async function up(knex) {
  await knex.raw(`
    create table signatures (
      nonce            text primary key constraint signatures_nonce_check check (nonce ~ '^[0-9a-f]{32}$'),
      purpose          text not null,
      account          text,
      operator         text not null,
      attestation      jsonb not null,
      attestation_hash text not null constraint signatures_attestation_hash_uniq unique,
      kind             text not null constraint signatures_kind_check check (kind in ('installation', 'ed25519', 'passkey')),
      key              text not null,
      signature        text not null,
      fact             text not null,
      fact_ids         text[] not null constraint signatures_fact_ids_check check (cardinality(fact_ids) > 0),
      content          jsonb,
      recorded_at      timestamptz not null default clock_timestamp(),
      seq              bigint not null default nextval('facts_seq')
    );
    create index signatures_fact_ids_idx on signatures using gin (fact_ids);
    create index signatures_seq_idx on signatures (seq);
    create table signing_since (
      seq         bigint primary key,
      entry_id    bigint not null,
      ruling_id   bigint not null,
      recorded_at timestamptz not null default clock_timestamp()
    );
    create unique index signing_since_single_uniq on signing_since ((true));
    create index journal_entries_asked_idx on journal_entries (account, entry_id)
      where confirmation_id is null and book = 'ledger';
    create trigger signatures_append_only_trg before update or delete or truncate on signatures
      for each statement execute function refuse_edit();
    create trigger signing_since_append_only_trg before update or delete or truncate on signing_since
      for each statement execute function refuse_edit();
    grant select on signatures, signing_since to trading_ops_app;
    grant insert (nonce, purpose, account, operator, attestation, attestation_hash, kind, key, signature, fact, fact_ids, content)
      on signatures to trading_ops_app;
  `);
  for (const table of ['signatures', 'signing_since']) await coverFacts(knex, table);
  await knex.raw(`
    insert into signing_since (seq, entry_id, ruling_id)
      select case when is_called then last_value else 0 end,
             (select coalesce(max(entry_id), 0) from journal_entries), (select coalesce(max(ruling_id), 0) from action_rulings)
        from facts_seq`);
  await document(knex, {
    signatures: ['Signed statements of what people asked for, each beside what it led to; several for one fact where others sign it too.', {
      nonce: '128 random bits of the statement: each is used once.',
      purpose: 'What was asked for.',
      account: 'Account; null for what concerns the whole installation.',
      operator: 'Who said it.',
      attestation: 'The statement; its canonical JSON (RFC 8785) is hashed.',
      attestation_hash: 'SHA-256 of the statement: what the key signed.',
      kind: 'Kind of the key.',
      key: 'Public key in base64url; it is trusted only where the key files have it.',
      signature: 'Over the bytes of the hash, in hex.',
      fact: 'Table of what it led to.',
      fact_ids: 'Ids of its rows there.',
      content: 'What was asked for, whose hash the statement has; null where the fact itself says it.',
      recorded_at: 'When Postgres stored the row, by its own clock.',
      seq: 'Place in the order of all facts, given by the database.',
    }],
    signing_since: ['From which facts on signatures are wanted: the newest ones that there were when this database learned of them.', {
      seq: 'Newest place in the order of all facts; there is one row.',
      entry_id: 'Newest journal entry.',
      ruling_id: 'Newest ruling.',
      recorded_at: 'When that was.',
    }],
  });
}

export const down = forwardOnly;
