import { document, forwardOnly } from '../migrations-support/document.js';

/**
 * Who is let in at the desk. Codes and sessions end and are removed, so they are no facts: they stand in a schema of their own, beside
 * the facts, which no digest, no record of the audit log and no comparison of backups looks at.
 */
export async function up(knex) {
  await knex.raw(`
    create schema desk;
    grant usage on schema desk to trading_ops_app;
    create table desk.codes (
      code_id     text primary key constraint codes_code_id_check check (code_id ~ '^[0-9a-f]{8}$'),
      secret_hash text not null constraint codes_secret_hash_check check (secret_hash ~ '^[0-9a-f]{64}$'),
      operator    text,
      read_only   boolean not null,
      made_at     timestamptz not null,
      expires_at  timestamptz not null constraint codes_expires_at_check check (expires_at > made_at),
      wrong_tries smallint not null default 0
    );
    create table desk.sessions (
      id_hash    text primary key constraint sessions_id_hash_check check (id_hash ~ '^[0-9a-f]{64}$'),
      operator   text,
      read_only  boolean not null,
      rehearsed_at timestamptz,
      entered_at timestamptz not null,
      seen_at    timestamptz not null constraint sessions_seen_at_check check (seen_at >= entered_at)
    );
    grant select, insert, delete on desk.codes, desk.sessions to trading_ops_app;
    grant update (wrong_tries) on desk.codes to trading_ops_app;
    grant update (seen_at, operator, rehearsed_at) on desk.sessions to trading_ops_app;
  `);
  await document(knex, { codes: CODES, sessions: SESSIONS }, 'desk');
}

const CODES = ['One-time codes that let somebody in at the desk; one that is used, too old or burnt is removed.', {
  code_id: 'Which code it is: the first eight digits of it.',
  secret_hash: 'SHA-256 of the rest, which is known only to whoever was given it.',
  operator: 'The name that the person who made it claims; null for none.',
  read_only: 'Whether it lets in to read only.',
  made_at: 'When it was made, by the clock of the machine.',
  expires_at: 'Until when it lets in.',
  wrong_tries: 'How often it was tried with a wrong rest.',
}];
const SESSIONS = ['Browsers that were let in at the desk; one that has ended, or was not seen for too long, is removed.', {
  id_hash: 'SHA-256 of its id, which only the browser has.',
  operator: 'The name that is claimed; null for none.',
  read_only: 'Whether it may only read.',
  rehearsed_at: 'What time it is said to be on simulated accounts; null where nobody said.',
  entered_at: 'When it was let in.',
  seen_at: 'When it was last seen, to the minute.',
}];

export const down = forwardOnly;
