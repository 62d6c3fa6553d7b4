import { document, forwardOnly } from '../migrations-support/document.js';

/**
 * The market that a ticket was decided on, by far the most of its facts, is stored once for all tickets that were decided
 * on it, and named by its hash. Facts that were pinned before hold their market themselves, and name none.
 */
export async function up(knex) {
  await knex.raw(`
    create table pinned_markets (
      market_hash    text primary key constraint pinned_markets_hash_check check (market_hash ~ '^[0-9a-f]{64}$'),
      market         jsonb not null
    );
    create trigger pinned_markets_append_only_trg before update or delete or truncate on pinned_markets for each statement execute function refuse_edit();
    grant select, insert on pinned_markets to trading_ops_app;
    alter table ticket_facts
      add column market_hash text constraint ticket_facts_market_hash_fkey references pinned_markets,
      add constraint ticket_facts_market_check check (market_hash is null or facts -> 'market' is null);
  `);
  await document(knex, {
    pinned_markets: ['Markets that tickets were decided on, each once, by content hash.', {
      market_hash: 'SHA-256 of the canonical market.', market: 'Prices, rates, actions and rulings.' }],
  });
  await knex.raw(`comment on column ticket_facts.market_hash is 'The market among the facts; null where they hold it themselves, as those of earlier versions do.'`);
}

export const down = forwardOnly;
