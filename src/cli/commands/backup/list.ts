import type { Command } from 'commander';
import { listBackups } from '../../../operations/backup/list.js';
import { withProgress } from '../../kit/progress.js';
import { ageText, backupLines } from './lines.js';
import { toldOf, withBackups } from './told.js';

/** Every backup and its state. Needs neither Postgres nor Temporal. */
export async function showBackups(command: Command): Promise<void> {
  await withBackups(command, async (directory) => {
    const { backups, newest } = await withProgress('Checking every backup', () => listBackups(directory));
    return {
      data: { directory, backups: backups.map(toldOf) },
      lines:
        backups.length === 0
          ? [`No backups in ${directory}.`]
          : [
              directory,
              ...backupLines(backups, new Date()),
              newest
                ? `Newest whole backup: ${newest.file}, ${ageText(newest, new Date())} old.`
                : 'There is no whole backup.',
            ],
      next: newest ? 'trading-ops backups verify --all' : 'make backup',
    };
  });
}
