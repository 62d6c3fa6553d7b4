import { document, forwardOnly } from '../migrations-support/document.js';

/** Backups that were made, and what the application's role needs to dump the database: to read every sequence. */
export async function up(knex) {
  await knex.raw(`
    create table backups (
      file            text primary key,
      bytes           bigint not null constraint backups_bytes_check check (bytes > 0),
      sha256          text not null constraint backups_sha256_check check (sha256 ~ '^[0-9a-f]{64}$'),
      manifest_sha256 text not null constraint backups_manifest_sha256_check check (manifest_sha256 ~ '^[0-9a-f]{64}$'),
      taken_at        timestamptz not null,
      finished_at     timestamptz not null,
      reason          text not null constraint backups_reason_check check (reason in ('manual', 'schedule', 'close-out', 'timer')),
      operator        text,
      recorded_at     timestamptz not null default now(),
      constraint backups_times_check check (finished_at >= taken_at)
    );
    create index backups_taken_idx on backups (taken_at desc);
    create trigger backups_append_only_trg before update or delete or truncate on backups for each statement execute function refuse_edit();
    grant select, insert on backups to trading_ops_app;
    grant select on all sequences in schema public to trading_ops_app;
    alter default privileges in schema public grant select on sequences to trading_ops_app;
  `);
  await document(knex, {
    backups: ['Backups that were made. The files count, not these rows: a restored database does not know the newer ones.', {
      file: 'Name of the dump in backups/postgres.', bytes: 'Size.', sha256: 'SHA-256 of the dump.', manifest_sha256: 'SHA-256 over the manifest.',
      taken_at: 'When the snapshot was taken.', finished_at: 'When it was verified and in place.', reason: 'manual, schedule, close-out or timer.',
      operator: 'Who asked for it; null when nobody did.', recorded_at: 'Insert time.' }],
  });
}

export const down = forwardOnly;
