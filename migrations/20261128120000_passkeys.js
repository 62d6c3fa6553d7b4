import { document, forwardOnly } from '../migrations-support/document.js';

/**
 * What the desk asks passkeys, and the passkeys that were made on it. Neither is a fact: what counts of a passkey is its line in
 * `operators.keys`, and what counts of an answer is the signature that is stored beside what it led to.
 */
export async function up(knex) {
  await knex.raw(`
    create table desk.challenges (
      challenge    text primary key constraint challenges_challenge_check check (challenge ~ '^[0-9a-f]{64}$'),
      session_hash text not null,
      purpose      text not null constraint challenges_purpose_check check (purpose in ('enrol', 'sign')),
      expires_at   timestamptz not null,
      answer_hash  text
    );
    create index challenges_expires_at_idx on desk.challenges (expires_at);
    create table desk.passkeys (
      public_key    text primary key,
      credential_id text not null,
      operator      text not null,
      host          text not null,
      label         text not null,
      made_at       timestamptz not null
    );
    grant select, insert, delete on desk.challenges, desk.passkeys to trading_ops_app;
    grant update (answer_hash) on desk.challenges to trading_ops_app;
  `);
  await document(knex, { challenges: CHALLENGES, passkeys: PASSKEYS }, 'desk');
}

const CHALLENGES = ['What the desk has asked passkeys, for five minutes each.', {
  challenge: 'What was to be answered: the SHA-256 of a statement, or random bytes for a new passkey.',
  session_hash: 'The session that was asked, by the hash of its id.',
  purpose: 'Whether a new passkey was wanted, or a signature.',
  expires_at: 'Until when the answer counts.',
  answer_hash: 'SHA-256 of the answer that was given: the same may come again, and no other; null before there is one.',
}];
const PASSKEYS = ['Passkeys that were made on the desk. They sign once their line is in operators.keys; one that gets none is removed after a day.', {
  public_key: 'Its two coordinates, x.y in base64url.',
  credential_id: 'What browsers know it by, in base64url.',
  operator: 'The name of whoever was let in when it was made.',
  host: 'The host, with its port, that it belongs to.',
  label: 'What its maker calls it.',
  made_at: 'When it was made.',
}];

export const down = forwardOnly;
