import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { manifestName } from '../domain/backup/manifest.js';
import { backupsToDelete, type KeepPolicy } from '../domain/backup/retention.js';
import { copyRecordName } from '../domain/backup/copy-record.js';
import { syncToDisk } from './directory.js';
import { isVerified, listBackups, type Backup } from './verify.js';

/**
 * Deletes the backups that the policy lets go, each manifest before its dump, so that a crash leaves a dump that is no backup
 * and never the reverse. Every backup is checked first: what is damaged counts for nothing.
 * @param deleting told of each before it goes.
 * @returns what was deleted, and every backup that is left.
 */
export async function pruneBackups(
  directory: string,
  policy: KeepPolicy,
  deleting: (file: string) => void = () => undefined,
): Promise<{ deleted: string[]; left: Backup[] }> {
  const backups = await listBackups(directory);
  const deleted = backupsToDelete(
    backups.map((backup) => ({ file: backup.file, takenAt: backup.takenAt, verified: isVerified(backup) })),
    policy,
  );
  for (const file of deleted) {
    deleting(file);
    await rm(join(directory, manifestName(file)), { force: true });
    await rm(join(directory, file), { force: true });
    await rm(join(directory, copyRecordName(file)), { force: true });
  }
  if (deleted.length > 0) await syncToDisk(directory);
  return { deleted, left: backups.filter(({ file }) => !deleted.includes(file)) };
}
