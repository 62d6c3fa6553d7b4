import { forwardOnly } from '../migrations-support/document.js';

/**
 * A signature is held against the rows that came of it: by the record of the audit log that carries its hash, and by
 * what an account's statements booked. The conditions are those of src/db/signed-rows.ts and src/db/signed-others.ts.
 */
export async function up(knex) {
  await knex.raw(`
    create index audit_log_signature_idx on audit_log ((detail->>'signature')) where detail->>'signature' is not null;
    create index signatures_booked_idx on signatures (account) where fact = 'journal_entries';
  `);
}

export const down = forwardOnly;
