import { forwardOnly } from '../migrations-support/document.js';

/**
 * Renames are looked for with every read of the market, for prices go on under the new name: a handful among all
 * entries.
 */
export async function up(knex) {
  await knex.raw(`create index journal_entries_renames_idx on journal_entries (effective_date) where kind = 'RENAME'`);
}

export const down = forwardOnly;
