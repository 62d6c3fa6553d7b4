import { backupsDirectory } from '../../backup/directory.js';
import { backupFindings } from '../../backup/findings.js';
import { openAlerts } from '../../db/alerts.js';
import { backupPolicyOf } from '../../domain/policy/backup.js';
import type { Policy } from '../../domain/policy/policy.js';
import type { Instant } from '../../domain/types.js';
import { recoverAlert } from '../alerts/raise.js';
import { tellAlert, type Herald } from '../alerts/tell.js';

const CODES = ['BACKUP_STALE', 'BACKUP_DAMAGED'];

/**
 * Looks at the backups on the disk: each that is damaged, and a newest one that is too old, is an alert while it lasts.
 * @param since when there was first something to back up: an installation younger than the allowed age has no stale backup.
 * @returns one sentence for each thing that is wrong.
 */
export async function watchBackups(
  herald: Herald,
  { policy, since, at }: { policy: Policy; since: Instant; at: Instant },
): Promise<string[]> {
  const { db, dataDir } = herald;
  const rules = backupPolicyOf(policy);
  const young = (Date.parse(at) - Date.parse(since)) / 3_600_000 <= rules.max_age_hours;
  const findings = (await backupFindings(backupsDirectory(dataDir), at, rules)).filter(
    ({ code }) => code !== 'BACKUP_STALE' || !young,
  );
  for (const { code, subject, message, evidence } of findings)
    await tellAlert(herald, { account: null, tradingDay: null, code, subject, message, at, evidence });
  for (const { code, subject } of (await openAlerts(db)).filter(
    (alert) =>
      CODES.includes(alert.code) &&
      !findings.some((found) => found.code === alert.code && found.subject === alert.subject),
  )) {
    await recoverAlert(db, {
      account: null,
      code: code as 'BACKUP_STALE',
      subject,
      message: 'The backups are whole and young enough again.',
      at,
    });
  }
  return findings.map(({ message }) => message);
}
