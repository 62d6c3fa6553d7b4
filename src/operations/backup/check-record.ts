import { isVerified, type Backup, type VerifiedBackup } from '../../backup/verify.js';
import { recordedManifests } from '../../db/backups.js';
import { recordedMeanwhile } from '../../db/audit.js';
import type { Db } from '../../db/connect.js';
import type { Manifest } from '../../domain/backup/manifest.js';

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

/** So much may the clocks of Postgres and of whoever made a backup differ. */
const CLOCKS_MS = 60_000;

/**
 * What the live database knows against a backup: that its manifest was written anew, or that it is older than its
 * name says, for facts were recorded before that instant which its log does not have. Null for nothing.
 */
export async function knownAgainst(db: Db, { manifest, file }: VerifiedBackup): Promise<string | null> {
  const recorded = (await recordedManifests(db, [file])).get(file);
  if (recorded !== undefined && recorded !== manifest.manifestSha256) return rewritten(manifest, recorded);
  const records = manifest.figures.audit?.records ?? 0;
  const before = new Date(Date.parse(manifest.takenAt) - CLOCKS_MS).toISOString();
  const missing = await recordedMeanwhile(db, records, before);
  return missing === null
    ? null
    : `it is older than its name says: audit record ${missing} was written before ${manifest.takenAt}, and its ` +
        `log ends with ${records}`;
}

const rewritten = (manifest: Manifest, recorded: string): string =>
  `its manifest was written anew: its hash is ${manifest.manifestSha256}, the database recorded ${recorded}`;

function judged(backup: Backup, recorded: string | undefined): Backup {
  if (!isVerified(backup) || recorded === undefined || recorded === backup.manifest.manifestSha256) return backup;
  return { ...backup, state: 'damaged', problem: rewritten(backup.manifest, recorded), manifest: null };
}
