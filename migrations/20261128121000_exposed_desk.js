import { forwardOnly } from '../migrations-support/document.js';

/** Where the desk is exposed passkeys let in, and a code lets in to make one and to nothing else. */
export async function up(knex) {
  await knex.raw(`
    alter table desk.challenges drop constraint challenges_purpose_check;
    alter table desk.challenges add constraint challenges_purpose_check check (purpose in ('enrol', 'sign', 'enter'));
    alter table desk.sessions add column entry text not null default 'code'
      constraint sessions_entry_check check (entry in ('code', 'enrol', 'passkey'));
    comment on column desk.challenges.purpose is 'Whether a new passkey was wanted, a signature, or somebody wanted to be let in.';
    comment on column desk.challenges.session_hash is 'The session that was asked, by the hash of its id; - for whoever is not let in yet.';
    comment on column desk.sessions.entry is 'By what it was let in: a code, a code that lets in to make a passkey alone, or a passkey.';
  `);
}

export const down = forwardOnly;
