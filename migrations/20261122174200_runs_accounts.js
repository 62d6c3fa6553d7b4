import { forwardOnly } from '../migrations-support/document.js';

/** Whose run it was: the watch accounts for every slot of every account, and a run may be of one account alone. */
export async function up(knex) {
  await knex.raw(`
    alter table runs add column accounts text[] not null default '{}';
    comment on column runs.accounts is 'Accounts the run was of; empty for runs from before this was recorded, which were of all.';
  `);
}

export const down = forwardOnly;
