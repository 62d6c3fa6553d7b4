import type { Manifest } from '../domain/backup/manifest.js';
import type { Sha256 } from '../domain/types.js';
import { appendAudit } from './audit.js';
import type { Db } from './connect.js';
import type { CamelRow } from './tables.js';
import { inTransaction } from './transaction.js';

/** Records a backup and its audit record; the same file again changes nothing. */
export async function recordBackup(db: Db, manifest: Manifest): Promise<void> {
  await inTransaction(db, async (trx) => {
    const { file, bytes, sha256, manifestSha256, takenAt, finishedAt, reason, operator } = manifest;
    const recorded = await trx('backups')
      .insert({
        file,
        bytes,
        sha256,
        manifest_sha256: manifestSha256,
        taken_at: takenAt,
        finished_at: finishedAt,
        reason,
        operator,
      })
      .onConflict('file')
      .ignore()
      .returning('file');
    if (recorded.length === 0) return;
    await appendAudit(trx, {
      at: finishedAt,
      account: null,
      actor: operator ?? 'system',
      action: 'backup.made',
      subject: file,
      detail: { bytes, sha256, manifestSha256, reason },
    });
  });
}

/** How many backups this database knows of. */
export async function countBackups(db: Db): Promise<number> {
  const [row] = await db('backups').count<{ count: string }[]>('file as count');
  return Number(row?.count ?? 0);
}

/** The hash of each manifest as it was recorded, by file; files that this database never knew are left out. */
export async function recordedManifests(db: Db, files: readonly string[]): Promise<Map<string, Sha256>> {
  const rows = await db('backups')
    .whereIn('file', [...files])
    .select('file', 'manifest_sha256');
  return new Map(rows.map(({ file, manifest_sha256: hash }) => [file, hash]));
}

/** The newest backup that this database knows of; null when there is none. */
export async function newestBackup(db: Db): Promise<Pick<CamelRow<'backups'>, 'file' | 'takenAt'> | null> {
  const row = await db('backups').orderBy('taken_at', 'desc').first('file', 'taken_at');
  return row ? { file: row.file, takenAt: row.taken_at } : null;
}
