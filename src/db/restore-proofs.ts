import type { RestoreProof } from '../domain/backup/proof.js';
import type { Instant } from '../domain/types.js';
import { appendAudit } from './audit.js';
import type { Db } from './connect.js';

/** Records a proof and its audit record; the same proof again changes nothing. Call it in a transaction. */
export async function recordProof(trx: Db, proof: RestoreProof, reportPath: string): Promise<void> {
  const { proofId, kind, passed, backup, startedAt, finishedAt, operator } = proof;
  const recorded = await trx('restore_proofs')
    .insert({
      proof_id: proofId,
      kind,
      passed,
      file: backup.file,
      sha256: backup.sha256,
      backup_taken_at: backup.takenAt,
      started_at: startedAt,
      finished_at: finishedAt,
      operator,
      proof: JSON.stringify(proof),
      report_path: reportPath,
    })
    .onConflict('proof_id')
    .ignore()
    .returning('proof_id');
  if (recorded.length === 0) return;
  await appendAudit(trx, {
    at: finishedAt,
    account: null,
    actor: operator ?? 'system',
    action: passed ? 'restore.proved' : 'restore.failed',
    subject: backup.file,
    detail: { proofId, kind, sha256: backup.sha256, problems: proof.problems.slice(0, 5), reportPath },
  });
}

/** The newest proof that passed, of whatever kind; null when no backup was ever restored. For doctor. */
export async function newestPassedProof(
  db: Db,
): Promise<{ file: string; kind: RestoreProof['kind']; finishedAt: Instant } | null> {
  const row = await db('restore_proofs')
    .where({ passed: true })
    .orderBy('seq', 'desc')
    .first('file', 'kind', 'finished_at');
  return row ? { file: row.file, kind: row.kind, finishedAt: row.finished_at } : null;
}
