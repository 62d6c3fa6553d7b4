import { backupHome } from '../../../operations/backup/place.js';
import type { BackupProgress } from '../../../backup/make.js';
import type { Alert } from '../../../contract/alerts.js';
import type { BackupInput, BackupReply } from '../../../contract/backup.js';
import { tellAlert } from '../../../operations/alerts/tell.js';
import { backUpDirectly } from '../../../operations/backup/make-directly.js';
import { OpsError } from '../../../domain/errors.js';
import { doingText } from './lines.js';
import type { Context } from '../../kit/context.js';

/** Makes a backup in this process; Ctrl-C leaves nothing behind. */
export async function directBackup(
  { settings, addresses, db }: Context,
  { reason, operator }: BackupInput,
  say: (line: string) => void,
): Promise<BackupReply> {
  const stop = new AbortController();
  const interrupted = () =>
    stop.abort(
      new OpsError(
        'fault',
        'CANCELLED',
        'The backup was interrupted: nothing was left behind, older backups are as they were.',
        { remedy: 'make backup' },
      ),
    );
  // Not `once`: what cleans up temporary files at a signal (signal-exit) ends the process where it finds no other listener.
  process.on('SIGINT', interrupted).on('SIGTERM', interrupted);
  const place = {
    ...backupHome(settings),
    db,
    databaseUrl: addresses.databaseUrl,
    raiseAlert: (alert: Alert) => tellAlert({ db, dataDir: settings.dataDir }, alert),
    host: {
      now: () => new Date(),
      signal: stop.signal,
      progress: ({ doing, bytes }: BackupProgress) => say(doingText({ doing, bytes })),
    },
  };
  try {
    return await backUpDirectly(place, { reason, operator, requestedAt: new Date().toISOString() });
  } finally {
    process.off('SIGINT', interrupted).off('SIGTERM', interrupted);
  }
}
