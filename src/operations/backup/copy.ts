import { copyBackup, pruneCopies } from '../../backup/copy.js';
import { copyHeads } from '../../backup/heads.js';
import { openPlace } from '../../backup/place.js';
import type { CopyRecord } from '../../domain/backup/copy-record.js';
import { BACKUP_SUBJECT } from '../../domain/backup/failure.js';
import { recoverAlert } from '../alerts/raise.js';
import { policyOfBackups, type BackupPlace } from './place.js';

/** Copies a backup to the policy's second place, and keeps the copies there as the policy says; null when there is none. */
export async function copyDatabaseBackup(backups: BackupPlace, { file }: { file: string }): Promise<CopyRecord | null> {
  const { db, dataDir, directory, env, host } = backups;
  const { copy_to: copyTo, encrypt_to: encryptTo, ...rest } = await policyOfBackups(backups);
  if (copyTo === null) return null;
  const { signal, now, progress } = host;
  const place = await openPlace(copyTo, { policy: rest, directory, env });
  try {
    const record = await copyBackup(place, {
      directory,
      file,
      encryptTo,
      signal,
      now,
      progress: (bytes) => progress({ doing: 'copying', bytes }),
    });
    await copyHeads(dataDir, place, signal);
    await pruneCopies(place, rest);
    await recoverAlert(db, {
      account: null,
      code: 'BACKUP_COPY_FAILED',
      subject: BACKUP_SUBJECT,
      message: `${file} was copied to ${copyTo}.`,
      at: now().toISOString(),
    });
    return record;
  } finally {
    place.close();
  }
}
