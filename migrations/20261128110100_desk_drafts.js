import { document, forwardOnly } from '../migrations-support/document.js';

/**
 * What somebody has typed of an answer and not sent: no fact, for it is typed over and ends with the answer. It stands
 * beside the sessions of the desk, which no digest and no comparison of backups looks at.
 */
export async function up(knex) {
  await knex.raw(`
    create table desk.drafts (
      ticket_id uuid not null references public.tickets,
      sequence  smallint not null constraint drafts_sequence_check check (sequence between 1 and 1000),
      content   jsonb not null constraint drafts_content_check
                check (jsonb_typeof(content) = 'object' and pg_column_size(content) <= 32768),
      version   integer not null constraint drafts_version_check check (version >= 1),
      operator  text not null,
      saved_at  timestamptz not null,
      primary key (ticket_id, sequence)
    );
    grant select, insert, delete on desk.drafts to trading_ops_app;
    grant update (content, version, operator, saved_at) on desk.drafts to trading_ops_app;
  `);
  await document(knex, { drafts: DRAFTS }, 'desk');
}

const DRAFTS = ['Lines of an answer as they were typed and not yet sent; those of a confirmed ticket are removed.', {
  ticket_id: 'The ticket that is to be answered.',
  sequence: 'The line.',
  content: 'What stands in the fields of the line, as it was typed.',
  version: 'How often it was saved: whoever saves says which version they had read.',
  operator: 'Who saved it last.',
  saved_at: 'When, by the clock of the machine.',
}];

export const down = forwardOnly;
