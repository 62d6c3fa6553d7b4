import { forwardOnly } from '../migrations-support/document.js';

/**
 * The newest audit record of a fact about the market stands for the market's state, and is asked for with every ticket: the condition
 * is that of src/db/market-at-hand.ts.
 */
export async function up(knex) {
  await knex.raw(`create index audit_log_market_idx on audit_log (seq) where action = 'facts.recorded'
    and subject ~ '(payloads|bars|bar_revisions|fx_rates|corporate_actions|action_rulings|fetch_results)'`);
}

export const down = forwardOnly;
