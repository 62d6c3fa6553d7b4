import { keepHead, ofBackup } from '../../backup/heads.js';
import { makeBackup } from '../../backup/make.js';
import { readBackupInput, type BackupInput, type BackupKept, type BackupMade } from '../../contract/backup.js';
import { wellFormed } from '../../contract/reading.js';
import { recordBackup } from '../../db/backups.js';
import { BACKUP_SUBJECT } from '../../domain/backup/failure.js';
import type { Instant } from '../../domain/types.js';
import { recoverAlert } from '../alerts/raise.js';
import { keepBackups } from './keep.js';
import { policyOfBackups, refuseStranger, type BackupPlace } from './place.js';

/**
 * Dumps the database, verifies the dump, puts it in place and records it; then checks the others, and deletes what may go. May be
 * repeated: a backup that was made since it was asked for is found again, not made twice.
 */
export async function makeDatabaseBackup(
  place: BackupPlace,
  { requestedAt, ...given }: BackupInput & { requestedAt: Instant },
): Promise<BackupMade & BackupKept> {
  const { db, databaseUrl, directory, host } = place;
  const { reason, operator } = wellFormed(readBackupInput(given));
  await refuseStranger(place, operator);
  const { manifest, reused } = await makeBackup({ directory, databaseUrl, reason, operator, requestedAt }, host);
  const { audit } = manifest.figures;
  // Also of a backup of before: whoever made it may have died before its head was kept.
  if (audit)
    await keepHead(place.dataDir, {
      seq: audit.records,
      hash: audit.head,
      at: manifest.takenAt,
      of: ofBackup(manifest.file),
    });
  await recordBackup(db, manifest);
  const at = host.now().toISOString();
  const message = `${manifest.file} was made and verified.`;
  for (const code of ['BACKUP_FAILED', 'BACKUP_STALE'] as const)
    await recoverAlert(db, { account: null, code, subject: BACKUP_SUBJECT, message, at });
  const { file, bytes, sha256, takenAt, figures } = manifest;
  // A policy that does not check out must not cost a backup: then none is deleted or copied, and every run says why.
  const rules = await policyOfBackups(place).catch(() => null);
  const copyTo = rules?.copy_to ?? null;
  if (rules && copyTo === null)
    await recoverAlert(db, {
      account: null,
      code: 'BACKUP_COPY_FAILED',
      subject: BACKUP_SUBJECT,
      message: 'The policy names no second place any more.',
      at,
    });
  return {
    ...(await keepBackups(place, rules)),
    file,
    bytes,
    sha256,
    takenAt,
    reused,
    tables: figures.tables.length,
    rows: figures.tables.reduce((sum, { rows }) => sum + rows, 0),
    ledger: figures.ledger,
    copyTo,
  };
}
