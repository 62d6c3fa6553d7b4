import { document, forwardOnly } from '../migrations-support/document.js';

/**
 * What ended stays over by a row, and nobody's session lasts longer than thirty days: a row that is twice as old keeps nobody out any
 * more, and is forgotten where sessions are. By the server's own clock, from when the row came: whoever can write rows can neither
 * take one away nor have one forgotten early, by a date that they give it themselves.
 */
export async function up(knex) {
  await knex.raw(`
    alter table desk.endings add column recorded_at timestamptz not null default clock_timestamp();
    create index endings_recorded_idx on desk.endings (recorded_at);
    revoke insert on desk.endings from trading_ops_app;
    grant insert (ended, spared, ended_at) on desk.endings to trading_ops_app;
    create function forget_endings() returns void language sql security definer
      set search_path = pg_catalog, public, pg_temp as $$
      delete from desk.endings where greatest(recorded_at, ended_at) < clock_timestamp() - interval '60 days'
    $$;
  `);
  await document(knex, { endings: ENDINGS }, 'desk');
}

const ENDINGS = ['What lets in no more: sessions that were ended, codes and questions that were used, or all that began before an instant.', {
  ending_id: 'Id.',
  ended: 'What is over: a session by the hash of its id, a code by that of its rest, a question; null for everything before the instant.',
  spared: 'The session that asked for it and goes on, where everything is over; null for none.',
  ended_at: 'When; sessions and codes from before it are over where all are. One that lies in the future ends nothing yet.',
  recorded_at: 'Insert time; what is older than sixty days, twice what a session lasts, is forgotten.',
}];

export const down = forwardOnly;
