import { forwardOnly } from '../migrations-support/document.js';

/** A key is of its account: what stands under the key of another keeps nobody from stopping. Rows that stand keep theirs. */
export async function up(knex) {
  await knex.raw(`
    alter table kill_switch_events drop constraint kill_switch_events_key_uniq,
      add constraint kill_switch_events_key_uniq unique (account, idempotency_key);
    comment on column kill_switch_events.idempotency_key is 'Of the account: it ends with how many events came before.';
  `);
}

export const down = forwardOnly;
