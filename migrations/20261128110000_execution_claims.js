import { document, forwardOnly } from '../migrations-support/document.js';
import { coverFacts, grantInsert } from '../migrations-support/facts.js';

/**
 * Who executes a ticket at the moment, as a chain of events: each follows one before it, and no two the same one, so
 * that of two people who claim at once one is told.
 */
export async function up(knex) {
  await knex.raw(`
    create table execution_claims (
      claim_id    uuid primary key,
      ticket_id   uuid not null references tickets,
      kind        text not null constraint execution_claims_kind_check
                  check (kind in ('CLAIM', 'TAKE_OVER', 'RELEASE')),
      operator    text not null,
      reason      text,
      follows_claim_id uuid references execution_claims,
      at          timestamptz not null,
      recorded_at timestamptz not null default clock_timestamp(),
      seq         bigint not null default nextval('facts_seq'),
      constraint execution_claims_reason_check check ((kind = 'TAKE_OVER') = (reason is not null)),
      constraint execution_claims_follows_check check (kind = 'CLAIM' or follows_claim_id is not null),
      constraint execution_claims_follows_uniq unique (follows_claim_id)
    );
    create unique index execution_claims_first_of_ticket_uniq on execution_claims (ticket_id)
      where follows_claim_id is null;
    create index execution_claims_ticket_idx on execution_claims (ticket_id, seq);
    create trigger execution_claims_append_only_trg before update or delete or truncate on execution_claims
      for each statement execute function refuse_edit();
    grant select on execution_claims to trading_ops_app;
  `);
  await grantInsert(knex, 'execution_claims');
  await coverFacts(knex, 'execution_claims');
  await document(knex, { execution_claims: CLAIMS });
}

const CLAIMS = ['Who executes a ticket at the moment: claimed, taken over, let go.', {
  claim_id: 'Id.',
  ticket_id: 'The TRADE ticket whose orders are placed.',
  kind: 'CLAIM of a ticket that nobody executes, TAKE_OVER from whoever does, or RELEASE.',
  operator: 'Who says so; whose claim stands after a CLAIM and a TAKE_OVER.',
  reason: 'Why it was taken over; null for others.',
  follows_claim_id: 'The event of this ticket before it; null for the first.',
  at: 'Instant, by the account\'s clock.',
  recorded_at: 'Insert time.',
  seq: 'Place in the order of all facts.',
}];

export const down = forwardOnly;
