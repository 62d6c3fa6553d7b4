import { forwardOnly } from '../migrations-support/document.js';

/** A valuation that was stored wrong is restated by a new row of the same as-of date, which says why; the old row stays. */
export async function up(knex) {
  await knex.raw(`
    alter table valuations add column restated_because text
      constraint valuations_restated_because_check check (btrim(restated_because) <> '')`);
  await knex.raw(`comment on column valuations.restated_because is 'Why this row takes the place of an earlier one of the same as-of date; null for a first valuation. What is newest counts.'`);
  await knex.raw('grant insert (restated_because) on valuations to trading_ops_app');
}

export const down = forwardOnly;
