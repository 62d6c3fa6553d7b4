import type { Client } from '@temporalio/client';
import type { BackupInput, BackupReply } from '../../contract/backup.js';
import { WORKFLOWS } from '../../contract/workflows.js';
import { OpsError } from '../../domain/errors.js';
import { idInstant } from '../runs/ask.js';
import type { Instant } from '../../domain/types.js';
import { runWorkflow, type AskedWorkflow } from '../workflows.js';

/** How far the worker is with a backup. */
export interface BackupState {
  doing: string;
  bytes: number | null;
}

const POLL_MS = 500;

/** The workflow of a backup: whoever asks in the same second gets the same one. */
export const backupAsked = (taskQueue: string, input: BackupInput, now: Instant): AskedWorkflow => ({
  type: WORKFLOWS.databaseBackup,
  workflowId: `database-backup/${idInstant(now)}`,
  taskQueue,
  staticSummary: `Backup asked for by ${input.operator ?? 'the timer'}`,
  args: [input],
});

/** Has the worker make a backup, and tells how far it is. */
export async function askBackup(
  { client, taskQueue, now }: { client: Client; taskQueue: string; now(): Instant },
  input: BackupInput,
  told: (state: BackupState) => void,
): Promise<BackupReply> {
  const asked = backupAsked(taskQueue, input, now());
  const look = () =>
    stateOfBackup(client, asked.workflowId).then(
      (state) => state && told(state),
      () => undefined,
    );
  const timer = setInterval(() => void look(), POLL_MS);
  try {
    return await runWorkflow<BackupReply>(client, asked);
  } finally {
    clearInterval(timer);
  }
}

async function stateOfBackup(client: Client, workflowId: string): Promise<BackupState | null> {
  const { raw } = await client.workflow.getHandle(workflowId).describe();
  const payload = raw.pendingActivities?.[0]?.heartbeatDetails?.payloads?.[0];
  if (!payload?.data) return null;
  const { doing, bytes } = JSON.parse(Buffer.from(payload.data).toString('utf8')) as Partial<BackupState>;
  return doing ? { doing, bytes: bytes ?? null } : null;
}

/** No Temporal or no worker; Postgres away is no reason to try another way, for pg_dump needs it too. */
const isWorkerOutOfReach = (error: unknown): boolean =>
  error instanceof OpsError && ['TEMPORAL_DOWN', 'WORKER_DOWN'].includes(error.code);

/**
 * The worker's backup; where nobody answers, a timer's is made directly, and whoever asked by hand hears that they may.
 */
export async function byWorkerOrDirectly(
  { reason }: BackupInput,
  ways: { byWorker(): Promise<BackupReply>; directly(): Promise<BackupReply> },
): Promise<BackupReply> {
  try {
    return await ways.byWorker();
  } catch (error) {
    if (!isWorkerOutOfReach(error)) throw error;
    if (reason === 'timer') return ways.directly();
    const { code, message } = error as OpsError;
    throw new OpsError('unreachable', code, message, {
      cause: error,
      remedy: 'make up; or without Temporal and worker: make backup -- --direct',
    });
  }
}
