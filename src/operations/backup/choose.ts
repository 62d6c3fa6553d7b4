import { dumpNames, isVerified, newestVerified, verifyBackup, type VerifiedBackup } from '../../backup/verify.js';
import type { RestoreProof } from '../../domain/backup/proof.js';
import { refusal, usageError } from '../../domain/errors.js';
import { bounded } from '../../domain/text.js';

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

/** What a proof says of the backup that it is of. */
export const backupOf = ({ file, bytes, manifest }: VerifiedBackup): RestoreProof['backup'] => ({
  file,
  bytes,
  sha256: manifest.sha256,
  takenAt: manifest.takenAt,
});
