import type { Backup } from '../../../backup/verify.js';
import type { BackupState } from '../../../operations/backup/ask-backup.js';
import type { BackupWithCopy } from '../../../operations/backup/list.js';
import { tableLines } from '../../kit/table.js';

/** Bytes as people read them: `12.3 MB`. */
export function bytesText(bytes: number): string {
  const power = bytes < 1_000 ? 0 : Math.min(3, Math.floor(Math.log10(bytes) / 3));
  const value = bytes / 1_000 ** power;
  return `${power === 0 ? value : value.toFixed(1)} ${['bytes', 'kB', 'MB', 'GB'][power]}`;
}

/** How far a backup is. */
export const doingText = ({ doing, bytes }: BackupState): string =>
  `Backing up the database: ${doing}${bytes ? `, ${bytesText(bytes)}` : ''}`;

/** Age of a backup: minutes, hours, then days. */
export function ageText({ takenAt }: Pick<Backup, 'takenAt'>, now: Date): string {
  const minutes = Math.max(0, Math.round((now.getTime() - Date.parse(takenAt)) / 60_000));
  if (minutes < 120) return `${minutes} min`;
  return minutes < 48 * 60 ? `${Math.floor(minutes / 60)} h` : `${Math.floor(minutes / 1_440)} days`;
}

const copyText = ({ copy }: BackupWithCopy): string =>
  copy === null ? '-' : copy.encrypted ? 'encrypted' : 'not encrypted';

/** One row a backup, newest first; what is wrong below. */
export function backupLines(backups: readonly BackupWithCopy[], now: Date): string[] {
  const table = tableLines(
    ['backup', 'state', 'age', 'size', 'rows', 'made by', 'copy'],
    backups.map((backup) => [
      backup.file,
      backup.state,
      ageText(backup, now),
      bytesText(backup.bytes),
      String(backup.manifest?.figures.tables.reduce((sum, { rows }) => sum + rows, 0) || '-'),
      backup.manifest?.operator ?? backup.manifest?.reason ?? '-',
      copyText(backup),
    ]),
  );
  return [
    ...table,
    ...backups.filter(({ problem }) => problem !== null).map(({ file, problem }) => `${file}: ${problem}`),
  ];
}
