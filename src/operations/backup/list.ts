import { copyRecordOf } from '../../backup/copy.js';
import { listBackups as backupsIn, type Backup } from '../../backup/verify.js';
import type { CopyRecord } from '../../domain/backup/copy-record.js';

/** A backup, and its copy at the second place. */
export type BackupWithCopy = Backup & { copy: CopyRecord | null };

/** Every backup of a directory, newest first, and the newest that is whole. Needs neither Postgres nor Temporal. */
export async function listBackups(
  directory: string,
): Promise<{ backups: BackupWithCopy[]; newest: BackupWithCopy | undefined }> {
  const found = await backupsIn(directory);
  const backups = await Promise.all(
    found.map(async (backup) => ({ ...backup, copy: await copyRecordOf(directory, backup.file) })),
  );
  return { backups, newest: backups.find(({ state }) => state === 'verified') };
}
