import { forwardOnly } from '../migrations-support/document.js';

/** A scheduled run on a day without a session ends as CLOSED. */
export async function up(knex) {
  await knex.raw(`comment on column run_results.outcome is 'PASS, FAIL, TRADE, NO_TRADE, MISSED, CLOSED (a scheduled run, no session) or FAULT.'`);
}

export const down = forwardOnly;
