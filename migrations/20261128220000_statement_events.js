import { document, forwardOnly } from '../migrations-support/document.js';
import { coverFacts, grantInsert } from '../migrations-support/facts.js';

/**
 * A statement can be taken back: one of another eToro user, or one that eToro corrected since, would keep every right
 * one of that time out for ever. Nothing is deleted: an event says that it counts no more, and another that its file was
 * imported again. Whose statements an account holds is asked of all accounts, by the hash of their user.
 */
export async function up(knex) {
  await knex.raw(`
    create table statement_events (
      event_key    text primary key,
      statement_id uuid not null references statements,
      event        text not null constraint statement_events_event_check check (event in ('WITHDRAWN', 'READMITTED')),
      reason       text,
      operator     text not null,
      at           timestamptz not null,
      recorded_at  timestamptz not null default clock_timestamp(),
      seq          bigint not null default nextval('facts_seq'),
      constraint statement_events_reason_check check ((event = 'WITHDRAWN') = (reason is not null))
    );
    create index statement_events_statement_idx on statement_events (statement_id, seq);
    create index statements_user_idx on statements (user_hash);
    create trigger statement_events_append_only_trg before update or delete or truncate on statement_events
      for each statement execute function refuse_edit();
    grant select on statement_events to trading_ops_app;
  `);
  await grantInsert(knex, 'statement_events');
  await coverFacts(knex, 'statement_events');
  await document(knex, { statement_events: EVENTS });
}

const EVENTS = ['What became of statements since they were imported: the newest event of each says whether it counts.', {
  event_key: 'Id: the statement, and the how manieth event of it.',
  statement_id: 'The statement.',
  event: 'WITHDRAWN: it counts no more; READMITTED: its file was imported again, and it counts.',
  reason: 'Why it was withdrawn.',
  operator: 'Who did it.',
  at: 'Instant, by the account\'s clock.',
  recorded_at: 'Insert time.',
  seq: 'Place in the order of all facts.',
}];

export const down = forwardOnly;
