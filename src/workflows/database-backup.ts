import { ActivityFailure, ApplicationFailure, defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import {
  ActivityCancellationType,
  CancellationScope,
  isCancellation,
  patched,
  proxyActivities,
  setCurrentDetails,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { BackupActivities } from '../contract/activities.js';
import { readBackupInput, type BackupInput, type BackupReply } from '../contract/backup.js';
import { backupQueue } from '../contract/workflows.js';
import { shown } from '../domain/text.js';
import { failureTold, isAlertOfBackup, type BackupFailure } from '../domain/backup/failure.js';
import type { ErrorKind } from '../domain/errors.js';
import { quick } from './activity-proxies.js';
import { startedWith } from './started.js';

const OUTCOME = defineSearchAttributeKey('Outcome', SearchAttributeType.KEYWORD);

/** On a queue of their own: pg_dump is the host's work, one at a time, and must not take a place of the day's activities. */
const backups = () =>
  proxyActivities<BackupActivities>({
    taskQueue: backupQueue(workflowInfo().taskQueue),
    // Whoever cancels is told when pg_dump has ended and its file is gone, not before.
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    heartbeatTimeout: '6 seconds',
    startToCloseTimeout: '4 hours',
    scheduleToCloseTimeout: '12 hours',
    retry: {
      initialInterval: '1 second',
      maximumInterval: '30 seconds',
      // Trying again frees no disk and makes no directory: a human must hear of it at once.
      nonRetryableErrorTypes: ['DISK_FULL', 'BACKUP_DIRECTORY_UNUSABLE', 'PG_DUMP_MISSING'],
    },
  });

/**
 * Makes one backup of the database, keeps the others as the policy says, and answers with what was made. What fails
 * becomes an alert; the older backups are never touched by it. Cancelling ends pg_dump and leaves nothing behind.
 */
export async function databaseBackup(sent: BackupInput): Promise<BackupReply> {
  const { reason, operator } = startedWith(readBackupInput(sent));
  const requestedAt = workflowInfo().startTime.toISOString();
  const steps = backups();
  setCurrentDetails(`**under way**\n\nBackup asked for by ${shown(operator ?? reason)}.`);
  try {
    const made = await steps.makeDatabaseBackup.executeWithOptions(
      { summary: 'Dump the database, verify the dump, put it in place; keep the others as the policy says' },
      [{ reason, operator, requestedAt }],
    );
    const copied = made.copyTo === null ? { copy: null, copyProblem: null } : await copyOf(steps, made.file);
    // No search attribute: completed says as much, and each costs an action a day.
    setCurrentDetails(
      `**BACKED_UP**\n\n${made.file}: ${made.bytes} bytes, ${made.tables} tables, ${made.rows} rows. ${made.verified} whole backups.${copied.copyProblem ? ` **No copy:** ${copied.copyProblem}` : ''}`,
    );
    return { ...made, ...copied };
  } catch (error) {
    await CancellationScope.nonCancellable(() => (isCancellation(error) ? cancelled() : failed(error)));
    throw error;
  }
}

/** A second place that fails is an alert of its own: the backup here is made and stays. */
async function copyOf(
  steps: ReturnType<typeof backups>,
  file: string,
): Promise<Pick<BackupReply, 'copy' | 'copyProblem'>> {
  try {
    const copy = await steps.copyDatabaseBackup.executeWithOptions({ summary: 'Copy it to the second place' }, [
      { file },
    ]);
    return { copy, copyProblem: null };
  } catch (error) {
    if (isCancellation(error)) throw error;
    const why = reasonOf(error);
    await tell({ failed: 'copy', file, why, at: new Date().toISOString() });
    return { copy: null, copyProblem: why };
  }
}

async function cancelled(): Promise<void> {
  show('CANCELLED', 'Cancelled: nothing was left behind, older backups are as they were.');
}

async function failed(error: unknown): Promise<void> {
  const why = reasonOf(error);
  show('BACKUP_FAILED', why);
  if (!isAlertOfBackup(kindOf(error)) && patched('refused-backups-are-no-alert')) return;
  await tell({ failed: 'backup', why, at: new Date().toISOString() });
}

async function tell(failure: BackupFailure): Promise<void> {
  const { code, message } = failureTold(failure);
  await quick.raiseAlert.executeWithOptions({ summary: `${code}: ${message}`.slice(0, 200) }, [failure]);
}

const causeOf = (error: unknown): ApplicationFailure | null =>
  error instanceof ActivityFailure && error.cause instanceof ApplicationFailure ? error.cause : null;

function kindOf(error: unknown): ErrorKind | undefined {
  const [details] = (causeOf(error)?.details ?? []) as { kind?: ErrorKind }[];
  return details?.kind;
}

function reasonOf(error: unknown): string {
  const cause = causeOf(error);
  return cause ? `${cause.type}: ${cause.message}` : String(error);
}

function show(outcome: string, details: string): void {
  setCurrentDetails(`**${outcome}**\n\n${details}`);
  upsertSearchAttributes([{ key: OUTCOME, value: outcome }]);
}
