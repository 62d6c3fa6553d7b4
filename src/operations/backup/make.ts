import type { Knex } from 'knex';
import { makeBackup, type BackupHost, type BackupProgress } from '../../backup/make.js';
import { damagedFindings } from '../../backup/findings.js';
import type { Alert } from '../../contract/alerts.js';
import { readBackupInput, type BackupInput, type BackupKept, type BackupMade } from '../../contract/backup.js';
import { wellFormed } from '../../contract/reading.js';
import type { CopyRecord } from '../../domain/backup/copy-record.js';
import { copyBackup, pruneCopies } from '../../backup/copy.js';
import { openPlace } from '../../backup/place.js';
import { pruneBackups } from '../../backup/prune.js';
import { listBackups } from '../../backup/verify.js';
import { listAlerts } from '../../db/alerts.js';
import { recordBackup } from '../../db/backups.js';
import type { KeepPolicy } from '../../domain/backup/retention.js';
import { backupPolicyOf, type BackupPolicy } from '../../domain/policy/backup.js';
import type { Instant } from '../../domain/types.js';
import { recoverAlert } from '../alerts/raise.js';
import { readConfiguration } from '../runs/configuration.js';

/** Alerts about the backups as a whole have this subject. */
export const BACKUP_SUBJECT = 'database';

export interface BackupDependencies {
  db: Knex;
  databaseUrl: string;
  /** Directory of the dumps. */
  directory: string;
  configDir: string;
  tradingOps: string;
  /** Where S3 finds its keys. */
  env: NodeJS.ProcessEnv;
  /** Raises an alert, writes its file and has it delivered. */
  raiseAlert(alert: Alert): Promise<unknown>;
  /** Time, cancellation and progress of the activity that runs. */
  host(): BackupHost;
}

/**
 * The steps of a backup, for the workflow and for the command without Temporal alike. Each may be repeated: a backup that
 * was made since it was asked for is found again, not made twice.
 */
export function createBackupActivities({
  db,
  databaseUrl,
  directory,
  configDir,
  tradingOps,
  env,
  raiseAlert,
  host,
}: BackupDependencies) {
  const policy = async (): Promise<BackupPolicy> => backupPolicyOf((await readConfiguration(configDir)).policy);

  /** Dumps the database, verifies the dump, puts it in place and records it; then checks the others, and deletes what may go. */
  async function makeDatabaseBackup({
    requestedAt,
    ...given
  }: BackupInput & { requestedAt: Instant }): Promise<BackupMade & BackupKept> {
    const { reason, operator } = wellFormed(readBackupInput(given));
    const within = host();
    const { manifest, reused } = await makeBackup(
      { directory, databaseUrl, reason, operator, requestedAt, tradingOps },
      within,
    );
    await recordBackup(db, manifest);
    const at = within.now().toISOString();
    const message = `${manifest.file} was made and verified.`;
    for (const code of ['BACKUP_FAILED', 'BACKUP_STALE'] as const)
      await recoverAlert(db, { account: null, code, subject: BACKUP_SUBJECT, message, at });
    const { file, bytes, sha256, takenAt, figures } = manifest;
    // A policy that does not check out must not cost a backup: then none is deleted or copied, and every run says why.
    const rules = await policy().catch(() => null);
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
      ...(await keepBackups(rules)),
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

  /** Copies a backup to the policy's second place, and keeps the copies there as the policy says; null when there is none. */
  async function copyDatabaseBackup({ file }: { file: string }): Promise<CopyRecord | null> {
    const { copy_to: copyTo, encrypt_to: encryptTo, ...rest } = await policy();
    if (copyTo === null) return null;
    const { signal, now, progress } = host();
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

  /** Checks every backup, deletes what the policy lets go (nothing without one), and raises an alert for each that is damaged. */
  async function keepBackups(rules: KeepPolicy | null): Promise<BackupKept> {
    const within = host();
    const beat = (doing: BackupProgress['doing']) => within.progress({ doing, bytes: 0 });
    beat('verifying');
    const { deleted, left } = rules
      ? await pruneBackups(directory, rules, () => beat('verifying'))
      : { deleted: [], left: await listBackups(directory) };
    const at = within.now().toISOString();
    const damaged = damagedFindings(left);
    for (const { code, subject, message, evidence } of damaged)
      await raiseAlert({ account: null, tradingDay: null, code, subject, message, at, evidence });
    await recoverMended(
      damaged.map(({ subject }) => subject),
      at,
    );
    return {
      deleted,
      damaged: damaged.map(({ subject }) => subject),
      verified: left.filter(({ state }) => state === 'verified').length,
    };
  }

  /** A damaged file that was put right or taken away is no condition any more. */
  async function recoverMended(damaged: readonly string[], at: Instant): Promise<void> {
    const known = (await listAlerts(db)).filter(
      ({ code, state, subject }) => code === 'BACKUP_DAMAGED' && state !== 'RECOVERED' && !damaged.includes(subject),
    );
    for (const { subject } of known)
      await recoverAlert(db, {
        account: null,
        code: 'BACKUP_DAMAGED',
        subject,
        message: `${subject} is whole again, or gone.`,
        at,
      });
  }

  return { makeDatabaseBackup, copyDatabaseBackup };
}
