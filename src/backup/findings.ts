import type { BackupPolicy } from '../domain/policy/backup.js';
import type { Instant } from '../domain/types.js';
import { dumpNames, isVerified, verifyBackup, type Backup } from './verify.js';

/** One thing that is wrong with the backups, as an alert tells it. */
export interface BackupFinding {
  code: 'BACKUP_STALE' | 'BACKUP_DAMAGED';
  /** The file, or `database` for what is about all of them. */
  subject: string;
  message: string;
  evidence: Record<string, string | number | null>;
}

const HOUR_MS = 3_600_000;
/** A dump from further ahead was made by a clock that was wrong: it must not count as the newest for ever. */
const AHEAD_MAX_MS = HOUR_MS;

/**
 * What is wrong with the backups of a directory at an instant: the newest whole one is too old (or there is none), or one
 * is damaged. Reads every byte down to the newest whole one, and of older ones only the manifest and the length, so that
 * an hourly check stays cheap: each new backup and `backups verify --all` read every byte of all.
 */
export async function backupFindings(
  directory: string,
  now: Instant,
  policy: Pick<BackupPolicy, 'max_age_hours'>,
): Promise<BackupFinding[]> {
  const checked: Backup[] = [];
  for (const file of await dumpNames(directory)) {
    checked.push(await verifyBackup(directory, file, checked.some(isVerified) ? 'outline' : 'bytes'));
  }
  const newest = checked.find(
    (backup) => isVerified(backup) && Date.parse(backup.takenAt) <= Date.parse(now) + AHEAD_MAX_MS,
  );
  return [...staleness(newest ?? null, now, policy.max_age_hours), ...damagedFindings(checked)];
}

/** One finding for each damaged backup. */
export const damagedFindings = (backups: readonly Backup[]): BackupFinding[] =>
  backups
    .filter(({ state }) => state === 'damaged')
    .map(({ file, problem }) => ({
      code: 'BACKUP_DAMAGED',
      subject: file,
      message: `Backup ${file} is damaged and does not count: ${problem}.`,
      evidence: { file, problem },
    }));

function staleness(newest: Backup | null, now: Instant, maxAgeHours: number): BackupFinding[] {
  const hours = newest ? (Date.parse(now) - Date.parse(newest.takenAt)) / HOUR_MS : null;
  if (hours !== null && hours <= maxAgeHours) return [];
  const message =
    newest && hours !== null
      ? `The newest whole backup, ${newest.file}, is ${Math.floor(hours)} hours old; at most ${maxAgeHours} are allowed.`
      : 'There is no whole backup.';
  return [
    {
      code: 'BACKUP_STALE',
      subject: 'database',
      message,
      evidence: {
        newest: newest?.file ?? null,
        hours: hours === null ? null : Math.round(hours * 10) / 10,
        maxAgeHours,
      },
    },
  ];
}
