import { Context } from '@temporalio/activity';
import type { BackupActivities } from '../contract/activities.js';
import { copyDatabaseBackup } from '../operations/backup/copy.js';
import { makeDatabaseBackup } from '../operations/backup/make.js';
import type { BackupPlace } from '../operations/backup/place.js';
import { proveBackup, type RestorePlace } from '../operations/backup/prove.js';
import { recordProof } from '../operations/backup/record-proof.js';
import type { Installation } from '../operations/installation.js';

/** What backups and restore tests work on, but for time, cancellation and progress, which are the activity's. */
export interface BackupDependencies
  extends Omit<BackupPlace, 'host'>, Omit<RestorePlace, 'host'>, Pick<Installation, 'dataDir'> {
  /** Says how far an activity is. */
  tellProgress(context: Context, state: object): void;
}

type Input<Name extends keyof BackupActivities> = Parameters<BackupActivities[Name]>[0];

/** The steps of backups and restore tests; each ends when its workflow cancels, and beats with how far it is. */
export function createBackupActivities(place: BackupDependencies) {
  const hosted = () => {
    const context = Context.current();
    const host = {
      now: () => new Date(),
      signal: context.cancellationSignal,
      progress: (state: object) => place.tellProgress(context, state),
    };
    return { ...place, host };
  };
  return {
    makeDatabaseBackup: (backup: Input<'makeDatabaseBackup'>) => makeDatabaseBackup(hosted(), backup),
    copyDatabaseBackup: (backup: Input<'copyDatabaseBackup'>) => copyDatabaseBackup(hosted(), backup),
    proveBackup: (backup: Input<'proveBackup'>) => proveBackup(hosted(), backup),
    recordRestoreTest: ({ proof }: Input<'recordRestoreTest'>) => recordProof(place, proof),
  } satisfies BackupActivities;
}
