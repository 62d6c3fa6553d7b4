import type { AlertCode } from '../alerts/codes.js';
import type { ErrorKind } from '../errors.js';
import type { Instant } from '../types.js';

/** What failed of a backup or a restore, and why. */
export type BackupFailure =
  | { failed: 'backup'; why: string; at: Instant }
  /** The backup itself is made and stays. */
  | { failed: 'copy'; file: string; why: string; at: Instant }
  /** A restore that could not even be compared; `of`: what asked for it, or what was restored. */
  | { failed: 'restore'; of: string; why: string; at: Instant };

/** What the alert of a failure is: its code, what it is about, and the sentence. */
export interface ToldFailure {
  code: AlertCode;
  subject: string;
  message: string;
}

/** Alerts about the backups as a whole have this subject. */
export const BACKUP_SUBJECT = 'database';
/** What an alert of a failed proof is about: any later proof that passes ends it. */
export const RESTORE_SUBJECT = 'restore';

/** How a failure is told. */
export function failureTold(failure: BackupFailure): ToldFailure {
  const { why } = failure;
  switch (failure.failed) {
    case 'backup':
      return { code: 'BACKUP_FAILED', subject: BACKUP_SUBJECT, message: `A backup failed: ${why}` };
    case 'copy':
      return {
        code: 'BACKUP_COPY_FAILED',
        subject: BACKUP_SUBJECT,
        message: `Backup ${failure.file} has no copy: ${why}`,
      };
    case 'restore':
      return {
        code: 'RESTORE_PROOF_FAILED',
        subject: RESTORE_SUBJECT,
        message: `A restore of ${failure.of} could not be finished: ${why}`,
      };
  }
}

/**
 * Whether a backup that failed is an alert. One asked for wrongly, or by a stranger, is none: whoever asked is
 * told.
 */
export const isAlertOfBackup = (kind: ErrorKind | undefined): boolean => kind !== 'usage';

/**
 * Whether a restore that failed is an alert. A file that is not there, or no backup yet, is none: whoever asked is told, and
 * the watch over backups has alerts of its own.
 */
export const isAlertOfRestore = (kind: ErrorKind | undefined): boolean => kind !== 'refused' && kind !== 'usage';
