import type { Client, WorkflowExecutionDescription } from '@temporalio/client';
import type { BackupReply, RestoreTestReply } from '../contract/backup.js';
import type { RunReply } from '../contract/runs.js';
import { WORKFLOWS } from '../contract/workflows.js';
import { OpsError, refusal, type Refusal } from '../domain/errors.js';
import { bounded } from '../domain/text.js';
import type { Instant } from '../domain/types.js';
import { runOfId } from './runs/ask.js';
import { isTemporalError } from './temporal-error.js';
import { explainTemporalError } from './temporal-failure.js';

/** What somebody asked for and waits for. */
export type AskedKind = 'run' | 'backup' | 'restore-test';

const KINDS: Readonly<Record<string, AskedKind>> = {
  [WORKFLOWS.morningRun]: 'run',
  [WORKFLOWS.afternoonRun]: 'run',
  [WORKFLOWS.opsRun]: 'run',
  [WORKFLOWS.databaseBackup]: 'backup',
  [WORKFLOWS.restoreTest]: 'restore-test',
};

/** How far it is: under way with what it does now, done with its answer, or failed with why. */
export interface AskedState {
  kind: AskedKind;
  /** The instant that a run is of, by the rehearsal's clock where it is one; of anything else when it was started. */
  askedAt: Instant;
  /** The steps that it is in the middle of, by their names. */
  doing: string[];
  /** Since when nobody takes its next step; null where a worker is at it, may yet be in time, or nothing is left. */
  waitsSince: Instant | null;
  result: RunReply | BackupReply | RestoreTestReply | null;
  failure: Pick<Refusal, 'code' | 'message' | 'remedy'> | null;
}

/**
 * How far a run, a backup or a restore test is that somebody asked for.
 * @param now by this machine's clock, as the server's is
 * @throws OpsError ASKED_UNKNOWN
 */
export async function lookAtAsked(client: Client, workflowId: string, now: Instant): Promise<AskedState> {
  const handle = client.workflow.getHandle(workflowId);
  const described = await handle.describe().catch((error: unknown) => {
    if (isTemporalError(error, 'WorkflowNotFoundError')) return null;
    throw error;
  });
  const kind = described === null ? undefined : KINDS[described.type];
  if (described === null || kind === undefined) throw unknown(workflowId);
  const seen = {
    kind,
    askedAt: runOfId(workflowId)?.at ?? described.startTime.toISOString(),
    doing: doingOf(described),
    waitsSince: waitsSince(described, now),
  };
  if (described.status.name === 'RUNNING') return { ...seen, result: null, failure: null };
  try {
    return { ...seen, ...NOTHING_LEFT, result: (await handle.result()) as AskedState['result'], failure: null };
  } catch (error) {
    return { ...seen, ...NOTHING_LEFT, result: null, failure: failureOf(error, workflowId) };
  }
}

const unknown = (workflowId: string): OpsError =>
  refusal('ASKED_UNKNOWN', `${bounded(workflowId)}: is no run, backup or restore test that the server still knows`, {
    remedy: 'trading-ops runs-last, or trading-ops backups list',
  });

const doingOf = ({ raw }: WorkflowExecutionDescription): string[] => [
  ...new Set((raw.pendingActivities ?? []).flatMap(({ activityType }) => activityType?.name ?? [])),
];

const NOTHING_LEFT = { doing: [], waitsSince: null };

/** The server's word for an activity that it has handed to nobody yet. */
const SCHEDULED = 1;

/** A worker that is up takes a step within a second; one that stands still takes none. */
const TAKEN_WITHIN_MS = 5_000;

/**
 * When the oldest step was handed out that nobody has taken in time. A workflow's own step is done in the moment in
 * which it is taken: one that was taken and is not done is in the hands of a worker that stands still. After ten
 * seconds the server takes it back and hands it out anew, so a second attempt has waited already.
 */
function waitsSince({ raw }: WorkflowExecutionDescription, now: Instant): Instant | null {
  const own = raw.pendingWorkflowTask;
  const untaken = (raw.pendingActivities ?? []).filter(({ state }) => state === SCHEDULED);
  const times = [own?.originalScheduledTime ?? own?.scheduledTime, ...untaken.map((each) => each.scheduledTime)];
  const seconds = times.flatMap((time) => (time ? [Number(time.seconds)] : []));
  const since = Math.min(...seconds) * 1_000;
  const isAgain = (own?.attempt ?? 1) > 1;
  return isAgain || Date.parse(now) - since > TAKEN_WITHIN_MS ? new Date(since).toISOString() : null;
}

function failureOf(error: unknown, workflowId: string): NonNullable<AskedState['failure']> {
  const known = explainTemporalError(error, '');
  if (!(known instanceof OpsError))
    return { code: 'FAULT', message: `${bounded(workflowId)} ended without an answer`, remedy: 'make logs' };
  return { code: known.code, message: known.message, remedy: known.remedy ?? null };
}
