import { forwardOnly } from '../migrations-support/document.js';

/**
 * What comes of a statement hangs on more than the ledger: on other statements, on prices and actions that were fetched since, on rulings
 * and the policy. So there is more than one comparison with a ledger up to one entry.
 */
export async function up(knex) {
  await knex.raw(`
    drop index statement_comparisons_ledger_uniq;
    create index statement_comparisons_newest_idx on statement_comparisons (statement_id, seq);
    comment on table statement_comparisons is 'What came of holding a statement against what was known, whenever something else came of it.';
    comment on column statement_comparisons.comparison_id is 'Id, made of the statement, what came of it and the comparison before it.';
  `);
}

export const down = forwardOnly;
