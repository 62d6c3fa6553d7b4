import { damagedFindings } from '../../backup/findings.js';
import type { BackupProgress } from '../../backup/make.js';
import { pruneBackups } from '../../backup/prune.js';
import { listBackups } from '../../backup/verify.js';
import type { BackupKept } from '../../contract/backup.js';
import { listAlerts } from '../../db/alerts.js';
import type { Db } from '../../db/connect.js';
import type { KeepPolicy } from '../../domain/backup/retention.js';
import type { Instant } from '../../domain/types.js';
import { recoverAlert } from '../alerts/raise.js';
import type { BackupPlace } from './place.js';

/** Checks every backup, deletes what the policy lets go (nothing without one), and raises an alert for each that is damaged. */
export async function keepBackups(
  { db, directory, raiseAlert, host }: BackupPlace,
  rules: KeepPolicy | null,
): Promise<BackupKept> {
  const beat = (doing: BackupProgress['doing']) => host.progress({ doing, bytes: 0 });
  beat('verifying');
  const { deleted, left } = rules
    ? await pruneBackups(directory, rules, () => beat('verifying'))
    : { deleted: [], left: await listBackups(directory) };
  const at = host.now().toISOString();
  const findings = damagedFindings(left);
  for (const { code, subject, message, evidence } of findings)
    await raiseAlert({ account: null, tradingDay: null, code, subject, message, at, evidence });
  const damaged = findings.map(({ subject }) => subject);
  await recoverMended(db, damaged, at);
  return {
    deleted,
    damaged,
    verified: left.filter(({ state }) => state === 'verified').length,
  };
}

/** A damaged file that was put right or taken away is no condition any more. */
async function recoverMended(db: Db, damaged: readonly string[], at: Instant): Promise<void> {
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
