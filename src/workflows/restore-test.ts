import { ActivityFailure, ApplicationFailure, defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import {
  CancellationScope,
  isCancellation,
  proxyActivities,
  setCurrentDetails,
  upsertSearchAttributes,
  uuid4,
  workflowInfo,
} from '@temporalio/workflow';
import type { BackupActivities } from '../contract/activities.js';
import { readRestoreTestInput, type RestoreTestInput, type RestoreTestReply } from '../contract/backup.js';
import { backupQueue } from '../contract/workflows.js';
import { isAlertOfRestore } from '../domain/backup/failure.js';
import type { ErrorKind } from '../domain/errors.js';
import { quick } from './activity-proxies.js';
import { startedWith } from './started.js';

const OUTCOME = defineSearchAttributeKey('Outcome', SearchAttributeType.KEYWORD);

/** On the queue of backups, one at a time: two restores at once would only slow each other. */
const restores = () =>
  proxyActivities<BackupActivities>({
    taskQueue: backupQueue(workflowInfo().taskQueue),
    heartbeatTimeout: '6 seconds',
    startToCloseTimeout: '8 hours',
    scheduleToCloseTimeout: '24 hours',
    retry: {
      initialInterval: '1 second',
      maximumInterval: '30 seconds',
      nonRetryableErrorTypes: ['DISK_FULL', 'PG_DUMP_MISSING'],
    },
  });

/**
 * Restores a backup into a scratch database, compares it with what it was made of, and drops it. What differs, or could
 * not be restored, becomes an alert. Cancelling ends pg_restore and leaves no database behind.
 */
export async function restoreTest(sent: RestoreTestInput): Promise<RestoreTestReply> {
  const { file, operator } = startedWith(readRestoreTestInput(sent));
  const steps = restores();
  show('under way', `Restore of ${file ?? 'the newest backup'}${operator ? `, asked for by ${operator}` : ''}.`);
  try {
    const proof = await steps.proveBackup.executeWithOptions(
      { summary: `Restore ${file ?? 'the newest backup'} into a scratch database and compare` },
      [{ proofId: uuid4(), file, operator }],
    );
    const files = await steps.recordRestoreTest.executeWithOptions(
      { summary: 'Record the result and write the report' },
      [{ proof }],
    );
    const outcome = proof.passed ? 'RESTORE_TEST_PASS' : 'RESTORE_TEST_FAIL';
    show(outcome, [proof.backup.file, ...proof.problems].join('\n\n'));
    upsertSearchAttributes([{ key: OUTCOME, value: outcome }]);
    return { proof, files };
  } catch (error) {
    if (isCancellation(error)) show('CANCELLED', 'Cancelled: the scratch database was dropped.');
    else await CancellationScope.nonCancellable(() => failed(error));
    throw error;
  }
}

async function failed(error: unknown): Promise<void> {
  const cause = error instanceof ActivityFailure && error.cause instanceof ApplicationFailure ? error.cause : null;
  const why = cause ? `${cause.type}: ${cause.message}` : String(error);
  show('RESTORE_TEST_FAIL', why);
  upsertSearchAttributes([{ key: OUTCOME, value: 'RESTORE_TEST_FAIL' }]);
  const [details] = (cause?.details ?? []) as { kind?: ErrorKind }[];
  if (!isAlertOfRestore(details?.kind)) return;
  const at = new Date().toISOString();
  await quick.raiseAlert.executeWithOptions({ summary: `RESTORE_PROOF_FAILED: ${why}`.slice(0, 200) }, [
    { failed: 'restore', of: workflowInfo().workflowId, why, at },
  ]);
}

function show(title: string, details: string): void {
  setCurrentDetails(`**${title}**\n\n${details}`);
}
