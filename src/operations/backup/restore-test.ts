import type { Knex } from 'knex';
import { restoreReportPath, restoreProofDocument, restoreProofJson } from '../../reports/restore-proof/page.js';
import { renderMarkdown } from '../../reports/render/markdown.js';
import { jsonText } from '../../reports/render/parts.js';
import { writeArtifacts } from '../../reports/write.js';
import { restoreAndCompare } from '../../backup/prove.js';
import { withScratchDatabase } from '../../backup/scratch.js';
import { dumpNames, isVerified, newestVerified, verifyBackup, type VerifiedBackup } from '../../backup/verify.js';
import { readRestoreTestInput, type RestoreTestInput } from '../../contract/backup.js';
import { wellFormed } from '../../contract/reading.js';
import { recordProof } from '../../db/restore-proofs.js';
import { inTransaction } from '../../db/transaction.js';
import type { RestoreProof } from '../../domain/backup/proof.js';
import { refusal, usageError } from '../../domain/errors.js';
import type { Instant } from '../../domain/types.js';
import { raiseAlert, recoverAlert } from '../alerts/raise.js';
import { bounded } from '../../domain/text.js';

/** Time, cancellation and progress of the activity that runs. */
export interface RestoreHost {
  now(): Date;
  signal: AbortSignal;
  progress(state: { doing: string }): void;
}

export interface RestoreDependencies {
  db: Knex;
  /** Login that may create databases on the server of the live one. */
  ownerUrl: string;
  /** Directory of the dumps. */
  directory: string;
  dataDir: string;
  host(): RestoreHost;
}

export interface ProveBackup extends RestoreTestInput {
  proofId: string;
}

/** The steps of a restore test: into a scratch database beside the live one, which they only read. */
export function createRestoreActivities({ db, ownerUrl, directory, dataDir, host }: RestoreDependencies) {
  /** Verifies the backup, restores it into a scratch database, compares, and drops that again. Repeating it begins anew. */
  async function proveBackup({ proofId, ...given }: ProveBackup): Promise<RestoreProof> {
    const { file, operator } = wellFormed(readRestoreTestInput(given));
    const { now, signal, progress } = host();
    const startedAt = now().toISOString();
    const begun = performance.now();
    progress({ doing: 'Verifying the backup' });
    const backup = await backupToProve(directory, file);
    const verification = performance.now() - begun;
    const name = proofId.replaceAll('-', '').slice(0, 12);
    const { took, ...restored } = await withScratchDatabase({ ownerUrl, name, signal }, (databaseUrl, serverMajor) =>
      restoreAndCompare({ backup, databaseUrl, serverMajor, signal, progress: (doing) => progress({ doing }) }),
    );
    return {
      proofId,
      kind: 'SCRATCH',
      passed: restored.problems.length === 0,
      backup: backupOf(backup),
      startedAt,
      finishedAt: now().toISOString(),
      operator,
      expected: backup.manifest.figures,
      ...restored,
      tickets: null,
      took: { verification, ...took },
      priorData: null,
      lost: null,
    };
  }

  /** Records the proof, raises or recovers its alert, and writes its report. @returns the files, below the data directory */
  async function recordRestoreTest({ proof }: { proof: RestoreProof }): Promise<string[]> {
    return keepProof({ db, dataDir }, proof);
  }

  return { proveBackup, recordRestoreTest };
}

/** The backup that was asked for, or the newest whole one. Throws OpsError: exit 2 when it is damaged or there is none. */
export async function backupToProve(directory: string, file: string | null): Promise<VerifiedBackup> {
  if (file === null) {
    const newest = await newestVerified(directory);
    if (newest) return newest;
    throw refusal('NO_BACKUP', `there is no whole backup in ${directory}`, { remedy: 'make backup' });
  }
  if (!(await dumpNames(directory)).includes(file)) {
    throw usageError('BACKUP_UNKNOWN', `file: ${bounded(file)}: must be a backup of ${directory}`, {
      remedy: 'trading-ops backups list',
    });
  }
  const backup = await verifyBackup(directory, file);
  if (isVerified(backup)) return backup;
  throw refusal('BACKUP_DAMAGED', `${file} is ${backup.state}: ${backup.problem}`, {
    remedy: 'trading-ops backups list, and docs/INCIDENTS.md, BACKUP_DAMAGED',
  });
}

export const backupOf = ({ file, bytes, manifest }: VerifiedBackup): RestoreProof['backup'] => ({
  file,
  bytes,
  sha256: manifest.sha256,
  takenAt: manifest.takenAt,
});

/** What an alert of a failed proof is about: any later proof that passes ends it. */
export const RESTORE_SUBJECT = 'restore';

/** Records a proof once, raises `RESTORE_PROOF_FAILED` or recovers it, and writes the report. @returns the report's files */
export async function keepProof(
  { db, dataDir }: { db: Knex; dataDir: string },
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
    await recordProof(trx, proof, path);
  });
  return files;
}

const failureText = ({ backup, problems }: RestoreProof): string =>
  `Backup ${backup.file} was restored and is not what was backed up: ${problems.slice(0, 3).join('; ')}${problems.length > 3 ? `; and ${problems.length - 3} more` : ''}.`;

/** Tells that a restore could not even be compared: the disk is full, a program is missing. */
export async function tellUnfinished(db: Knex, why: string, at: Instant): Promise<void> {
  await raiseAlert(db, {
    account: null,
    tradingDay: null,
    code: 'RESTORE_PROOF_FAILED',
    subject: RESTORE_SUBJECT,
    at,
    message: `A restore of the newest backup could not be finished: ${why}`,
  });
}
