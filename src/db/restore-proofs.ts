import type { RestoreProof } from '../domain/backup/proof.js';
import type { Sha256 } from '../domain/types.js';
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

/** A proof that passed, as its row says. */
export interface PassedProof extends Pick<RestoreProof, 'proofId' | 'kind' | 'finishedAt'> {
  file: string;
  sha256: Sha256;
}

/** The newest proofs that passed, of whatever kind, newest first. */
export async function passedProofs(db: Db, limit: number): Promise<PassedProof[]> {
  const found = await db('restore_proofs')
    .where({ passed: true })
    .orderBy('seq', 'desc')
    .limit(limit)
    .select('proof_id', 'kind', 'finished_at', 'file', 'sha256');
  return found.map(({ proof_id: proofId, finished_at: finishedAt, ...proof }) => ({ proofId, finishedAt, ...proof }));
}
