import type { VerifiedBackup } from '../../backup/verify.js';
import { recordBackup } from '../../db/backups.js';
import { recordProof as insertProof } from '../../db/restore-proofs.js';
import { inTransaction } from '../../db/transaction.js';
import { RESTORE_SUBJECT } from '../../domain/backup/failure.js';
import type { RestoreProof } from '../../domain/backup/proof.js';
import { renderMarkdown } from '../../reports/render/markdown.js';
import { jsonText } from '../../reports/render/parts.js';
import { restoreProofDocument, restoreProofJson, restoreReportPath } from '../../reports/restore-proof/page.js';
import { writeArtifacts } from '../../reports/write.js';
import { raiseAlert, recoverAlert } from '../alerts/raise.js';
import type { Installation } from '../installation.js';

/** Records a proof once, raises `RESTORE_PROOF_FAILED` or recovers it, and writes the report. @returns the report's files */
export async function recordProof(
  { db, dataDir }: Pick<Installation, 'db' | 'dataDir'>,
  proof: RestoreProof,
): Promise<string[]> {
  const path = restoreReportPath(proof, 'md');
  const files = await writeArtifacts(dataDir, [
    { path, text: renderMarkdown(restoreProofDocument(proof)) },
    { path: restoreReportPath(proof, 'json'), text: jsonText(restoreProofJson(proof)) },
  ]);
  await inTransaction(db, async (trx) => {
    const about = {
      account: null,
      code: 'RESTORE_PROOF_FAILED' as const,
      subject: RESTORE_SUBJECT,
      at: proof.finishedAt,
    };
    if (proof.passed)
      await recoverAlert(trx, { ...about, message: `${proof.backup.file} was restored, and is what was backed up.` });
    else
      await raiseAlert(trx, {
        ...about,
        tradingDay: null,
        message: failureText(proof),
        evidence: { file: proof.backup.file, kind: proof.kind, problems: proof.problems, report: path },
      });
    await insertProof(trx, proof, path);
  });
  return files;
}

/** So many problems are told one by one; the rest are counted. */
const TOLD_MAX = 3;

function failureText({ backup, problems }: RestoreProof): string {
  const more = problems.length > TOLD_MAX ? [`and ${problems.length - TOLD_MAX} more`] : [];
  const told = [...problems.slice(0, TOLD_MAX), ...more].join('; ');
  return `Backup ${backup.file} was restored and is not what was backed up: ${told}.`;
}

/** The same in the database that was restored: first the backup itself, for no dump knows of itself. */
export async function recordProofInRestored(
  place: Pick<Installation, 'db' | 'dataDir'>,
  backup: VerifiedBackup,
  proof: RestoreProof,
): Promise<string[]> {
  await recordBackup(place.db, backup.manifest);
  return recordProof(place, proof);
}
