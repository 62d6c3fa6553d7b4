import type { BackupInput, BackupReply } from '../../../contract/backup.js';
import { tellAlert } from '../../../operations/alerts/tell.js';
import { BACKUP_SUBJECT, createBackupActivities } from '../../../operations/backup/make.js';
import { OpsError, reasonOf } from '../../../domain/errors.js';
import { installationPaths } from '../../../runtime/paths.js';
import { ownVersion } from '../../../runtime/status.js';
import { bytesText } from './lines.js';
import type { Context } from '../../kit/context.js';

/** The steps of `databaseBackup` one after another in this process: what is left to do when Temporal or the worker is down. */
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
  const steps = createBackupActivities({
    db,
    databaseUrl: addresses.databaseUrl,
    directory: installationPaths(settings.dataDir).backups,
    configDir: settings.configDir,
    tradingOps: ownVersion(),
    env: process.env,
    raiseAlert: (alert) => tellAlert({ db, dataDir: settings.dataDir }, alert),
    host: () => ({
      now: () => new Date(),
      signal: stop.signal,
      progress: ({ doing, bytes }) => say(`Backing up the database: ${doing}${bytes ? `, ${bytesText(bytes)}` : ''}`),
    }),
  });
  try {
    const made = await steps.makeDatabaseBackup({ reason, operator, requestedAt: new Date().toISOString() });
    return {
      ...made,
      ...(made.copyTo === null
        ? { copy: null, copyProblem: null }
        : await copyOf({ db, settings }, () => steps.copyDatabaseBackup({ file: made.file }))),
    };
  } catch (error) {
    if (!stop.signal.aborted) await tellOf({ db, settings }, 'BACKUP_FAILED', `A backup failed: ${reasonOf(error)}`);
    throw error;
  } finally {
    process.off('SIGINT', interrupted).off('SIGTERM', interrupted);
  }
}

type Place = Pick<Context, 'db' | 'settings'>;

async function copyOf(
  place: Place,
  copying: () => Promise<BackupReply['copy']>,
): Promise<Pick<BackupReply, 'copy' | 'copyProblem'>> {
  try {
    return { copy: await copying(), copyProblem: null };
  } catch (error) {
    const why = reasonOf(error);
    await tellOf(place, 'BACKUP_COPY_FAILED', `A backup has no copy: ${why}`);
    return { copy: null, copyProblem: why };
  }
}

async function tellOf(
  { db, settings: { dataDir } }: Place,
  code: 'BACKUP_FAILED' | 'BACKUP_COPY_FAILED',
  message: string,
): Promise<void> {
  // Where Postgres is away there is nowhere to keep an alert: the command's own error says it.
  await tellAlert(
    { db, dataDir },
    {
      account: null,
      tradingDay: null,
      code,
      subject: BACKUP_SUBJECT,
      message,
      at: new Date().toISOString(),
    },
  ).catch(() => undefined);
}
