import { forwardOnly } from '../migrations-support/document.js';

/**
 * A key is of its book: nobody signs an entry of the paper book, and one that stands there under a key to come keeps nothing out of the
 * ledger. What is taken back is of the same book and account. Rows that stand are left as they are.
 */
export async function up(knex) {
  await knex.raw(`
    alter table journal_entries drop constraint journal_entries_key_uniq,
      add constraint journal_entries_key_uniq unique (account, book, idempotency_key),
      add constraint journal_entries_place_uniq unique (account, book, entry_id);
    alter table journal_entries add constraint journal_entries_reverses_own_fkey
      foreign key (account, book, reverses_entry_id) references journal_entries (account, book, entry_id) not valid;
  `);
}

export const down = forwardOnly;
