import { document, forwardOnly } from '../migrations-support/document.js';

/**
 * What lets somebody in is sealed with a key that no row has, so that whoever can write rows lets in nobody. What ended stays over by rows
 * that can be added and not removed: one that was put back lets in nobody either. Whoever was let in before enters again.
 */
export async function up(knex) {
  await knex.raw(`
    delete from desk.sessions;
    delete from desk.codes;
    delete from desk.challenges;
    alter table desk.sessions add column seal text not null;
    alter table desk.codes add column seal text not null;
    alter table desk.challenges add column seal text not null;
    alter table desk.passkeys add column seal text;
    grant update (seal) on desk.sessions to trading_ops_app;
    create table desk.endings (
      ending_id bigint generated always as identity primary key,
      ended     text constraint endings_ended_check check (ended ~ '^[0-9a-f]{64}$'),
      spared    text constraint endings_spared_check check (spared is null or ended is null),
      ended_at  timestamptz not null
    );
    create unique index endings_ended_uniq on desk.endings (ended) where ended is not null;
    create index endings_of_all_idx on desk.endings (ended_at) where ended is null;
    grant select, insert on desk.endings to trading_ops_app;
    comment on column desk.codes.secret_hash is 'Keyed hash (HMAC-SHA-256) of the rest, which is known only to whoever was given it.';
    comment on column desk.codes.seal is 'Seal over the code: one that anything else wrote or changed lets nobody in.';
    comment on column desk.sessions.id_hash is 'Keyed hash (HMAC-SHA-256) of its id, which only the browser has.';
    comment on column desk.sessions.seal is 'Seal over id, name, rights, entry and when it was let in: a row that anything else wrote or changed lets nobody in.';
    comment on column desk.challenges.seal is 'Seal over the question: one that the desk did not ask is answered by nobody.';
    comment on column desk.passkeys.seal is 'Seal over the passkey: one that was not made on the desk, or was changed, is not offered for approval. Null before there were seals.';
  `);
  await document(knex, { endings: ENDINGS }, 'desk');
}

const ENDINGS = ['What lets in no more: sessions that were ended, codes and questions that were used, or all that began before an instant.', {
  ending_id: 'Id.',
  ended: 'What is over: a session by the hash of its id, a code by that of its rest, a question; null for everything before the instant.',
  spared: 'The session that asked for it and goes on, where everything is over; null for none.',
  ended_at: 'When; sessions and codes from before it are over where all are. One that lies in the future ends nothing yet.',
}];

export const down = forwardOnly;
