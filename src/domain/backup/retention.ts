import { tradingDayOf } from '../calendar/calendar.js';
import type { BackupPolicy } from '../policy/backup.js';
import type { Instant } from '../types.js';

/** What retention has to know of a backup. */
export interface Retained {
  file: string;
  takenAt: Instant;
  /** Every byte was checked: only such a backup counts, and only such a one is ever deleted. */
  verified: boolean;
}

export type KeepPolicy = Pick<BackupPolicy, 'keep_daily' | 'keep_monthly' | 'keep_verified_min'>;

/**
 * Names of the backups that may go, oldest first. Kept are the newest of each of the last `keep_daily` UK days and of the
 * last `keep_monthly` months that have one, and the last `keep_verified_min` whatever their day: days without a backup do
 * not count, so a timer that stopped does not end with none. What is damaged or unfinished counts for nothing and is left
 * where it is, for a human to look at.
 */
export function backupsToDelete(backups: readonly Retained[], policy: KeepPolicy): string[] {
  const whole = backups
    .filter(({ verified }) => verified)
    .toSorted((a, b) => (a.takenAt < b.takenAt ? 1 : a.takenAt > b.takenAt ? -1 : a.file < b.file ? 1 : -1));
  const day = ({ takenAt }: Retained) => tradingDayOf(takenAt);
  const kept = new Set([
    ...whole.slice(0, policy.keep_verified_min),
    ...newestOfEach(whole, day, policy.keep_daily),
    ...newestOfEach(whole, (backup) => day(backup).slice(0, 7), policy.keep_monthly),
  ]);
  return whole
    .filter((backup) => !kept.has(backup))
    .map(({ file }) => file)
    .toReversed();
}

function newestOfEach(
  newestFirst: readonly Retained[],
  periodOf: (backup: Retained) => string,
  count: number,
): Retained[] {
  const newest = new Map<string, Retained>();
  for (const backup of newestFirst) if (!newest.has(periodOf(backup))) newest.set(periodOf(backup), backup);
  return [...newest.values()].slice(0, count);
}
