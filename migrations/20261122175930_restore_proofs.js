import { document, forwardOnly } from '../migrations-support/document.js';

/** Restores of backups that were tried, with what both sides held. */
export async function up(knex) {
  await knex.raw(`
    create table restore_proofs (
      proof_id       uuid primary key,
      kind           text not null constraint restore_proofs_kind_check check (kind in ('SCRATCH', 'FRESH')),
      passed         boolean not null,
      file           text not null,
      sha256         text not null constraint restore_proofs_sha256_check check (sha256 ~ '^[0-9a-f]{64}$'),
      backup_taken_at timestamptz not null,
      started_at     timestamptz not null,
      finished_at    timestamptz not null,
      operator       text,
      proof          jsonb not null,
      report_path    text not null,
      recorded_at    timestamptz not null default now(),
      constraint restore_proofs_times_check check (finished_at >= started_at)
    );
    create index restore_proofs_newest_idx on restore_proofs (finished_at desc);
    create trigger restore_proofs_append_only_trg before update or delete or truncate on restore_proofs for each statement execute function refuse_edit();
    grant select, insert on restore_proofs to trading_ops_app;
  `);
  await document(knex, {
    restore_proofs: ['Backups that were restored and compared, into a scratch database or on a fresh cluster.', {
      proof_id: 'Id.', kind: 'SCRATCH or FRESH.', passed: 'Whether everything was as the manifest says.', file: 'Name of the dump.', sha256: 'SHA-256 of the dump.',
      backup_taken_at: 'When the snapshot of the backup was taken.', started_at: 'Begin.', finished_at: 'End.', operator: 'Who asked for it; null when nobody did.',
      proof: 'The figures of both sides, and what differs.', report_path: 'Report, below the data directory.', recorded_at: 'Insert time.' }],
  });
}

export const down = forwardOnly;
