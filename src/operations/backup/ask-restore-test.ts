import type { Client } from '@temporalio/client';
import { basename } from 'node:path';
import type { RestoreTestReply } from '../../contract/backup.js';
import { WORKFLOWS } from '../../contract/workflows.js';
import type { Instant } from '../../domain/types.js';
import { idInstant } from '../runs/ask.js';
import { runWorkflow, type AskedWorkflow } from '../workflows.js';

/** The workflow of a restore test: whoever asks in the same second gets the same one. */
export const restoreTestAsked = (
  taskQueue: string,
  { file, operator }: { file: string | null; operator: string },
  now: Instant,
): AskedWorkflow => ({
  type: WORKFLOWS.restoreTest,
  workflowId: `restore-test/${idInstant(now)}`,
  taskQueue,
  staticSummary: `Restore test asked for by ${operator}`,
  args: [{ file: file === null ? null : basename(file), operator }],
});

/**
 * Has the worker restore a backup into a scratch database and compare.
 * @param file the dump, also as a path (of which the name counts); null for the newest whole one.
 */
export function askRestoreTest(
  { client, taskQueue, now }: { client: Client; taskQueue: string; now(): Instant },
  asked: { file: string | null; operator: string },
): Promise<RestoreTestReply> {
  return runWorkflow<RestoreTestReply>(client, restoreTestAsked(taskQueue, asked, now()));
}
