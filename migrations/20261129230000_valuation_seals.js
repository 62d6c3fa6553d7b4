import { forwardOnly } from '../migrations-support/document.js';
import { coverFacts, grantInsert } from '../migrations-support/facts.js';

/**
 * A valuation bears the seal of the worker that reckoned it: the drawdown is judged by rows that the application's role
 * may write, and no role can seal. Rows that stand have none.
 */
export async function up(knex) {
  await knex.raw(`
    alter table valuations add column seal text;
    alter table valuations add constraint valuations_seal_check check (seal ~ '^[0-9a-f]{16}:[0-9a-f]{64}$');
    comment on column valuations.seal is 'By the worker that reckoned it: the name of its key, and an HMAC over the row. Null of a row of before there were seals.';
    create index valuations_sealed_idx on valuations (left(seal, 16), seq) where seal is not null;
  `);
  await coverFacts(knex, 'valuations');
  await grantInsert(knex, 'valuations');
}

export const down = forwardOnly;
