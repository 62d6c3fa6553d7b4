import { isVerified, type Backup } from '../../backup/verify.js';
import { recordedManifests } from '../../db/backups.js';
import type { Db } from '../../db/connect.js';

/**
 * Compares manifests with what the database recorded when they were made: one that was written anew, with a hash that fits,
 * is found too. A file that the database does not know is no fault, for a restored one does not know the newer ones.
 * @returns the backups as judged, and how many were compared; null when Postgres does not answer, for then the files alone count.
 */
export async function checkAgainstRecord(
  db: Db,
  backups: readonly Backup[],
): Promise<{ backups: Backup[]; compared: number | null }> {
  const files = backups.map(({ file }) => file);
  const recorded = await recordedManifests(db, files).catch(() => null);
  if (recorded === null) return { backups: [...backups], compared: null };
  return {
    backups: backups.map((backup) => judged(backup, recorded.get(backup.file))),
    compared: files.filter((file) => recorded.has(file)).length,
  };
}

function judged(backup: Backup, recorded: string | undefined): Backup {
  if (!isVerified(backup) || recorded === undefined || recorded === backup.manifest.manifestSha256) return backup;
  const problem = `its manifest was written anew: its hash is ${backup.manifest.manifestSha256}, the database recorded ${recorded}`;
  return { ...backup, state: 'damaged', problem, manifest: null };
}
