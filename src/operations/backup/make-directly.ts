import type { BackupInput, BackupReply } from '../../contract/backup.js';
import { OpsError, reasonOf } from '../../domain/errors.js';
import { isAlertOfBackup, type BackupFailure } from '../../domain/backup/failure.js';
import type { Instant } from '../../domain/types.js';
import { copyDatabaseBackup } from './copy.js';
import { alertOfFailure } from './failed.js';
import { makeDatabaseBackup } from './make.js';
import type { BackupPlace } from './place.js';

/** The steps of `databaseBackup` one after another in this process: what is left to do when Temporal or the worker is down. */
export async function backUpDirectly(
  place: BackupPlace,
  input: BackupInput & { requestedAt: Instant },
): Promise<BackupReply> {
  try {
    const made = await makeDatabaseBackup(place, input);
    if (made.copyTo === null) return { ...made, copy: null, copyProblem: null };
    return { ...made, ...(await copyOrSay(place, made.file)) };
  } catch (error) {
    if (!place.host.signal.aborted && isAlertOfBackup(error instanceof OpsError ? error.kind : undefined))
      await say(place, { failed: 'backup', why: reasonOf(error), at: instantOf(place) });
    throw error;
  }
}

/** A second place that fails is an alert of its own: the backup here is made and stays. */
async function copyOrSay(place: BackupPlace, file: string): Promise<Pick<BackupReply, 'copy' | 'copyProblem'>> {
  try {
    return { copy: await copyDatabaseBackup(place, { file }), copyProblem: null };
  } catch (error) {
    const why = reasonOf(error);
    await say(place, { failed: 'copy', file, why, at: instantOf(place) });
    return { copy: null, copyProblem: why };
  }
}

/** Where Postgres is away there is nowhere to keep an alert: the command's own error says it. */
const say = ({ raiseAlert }: BackupPlace, failure: BackupFailure): Promise<unknown> =>
  raiseAlert(alertOfFailure(failure)).catch(() => undefined);

const instantOf = ({ host }: BackupPlace): Instant => host.now().toISOString();
