import { forwardOnly } from '../migrations-support/document.js';

/**
 * A key says what happened once, so whoever finds it taken takes that as happened: it may say nothing else. Rows that
 * stand are left as they are.
 */
export async function up(knex) {
  await knex.raw(`
    alter table alert_events add constraint alert_events_key_check check (case
      when sink is null then event_key = alert_id::text || '/' || kind
      when kind = 'FAILED' then starts_with(event_key, alert_id::text || '/' || notice || '/' || sink || '/FAILED/')
      else event_key = alert_id::text || '/' || notice || '/' || sink || '/' || kind end) not valid;
  `);
}

export const down = forwardOnly;
