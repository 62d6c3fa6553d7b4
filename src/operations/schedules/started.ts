import type { Client, ScheduleHandle } from '@temporalio/client';
import { setTimeout as delay } from 'node:timers/promises';
import type { RunReply } from '../../contract/runs.js';
import { faultError } from '../../domain/errors.js';
import type { Slot } from '../../domain/types.js';
import { describeOrNull, scheduleId } from './ensure.js';
import type { ScheduledInstallation } from './registered.js';

const POLL_MS = 50;
/** How long the server may take to start what a schedule was asked for. */
const STARTED_MAX_MS = 20_000;

/** A workflow that a schedule has started. */
export interface Started {
  workflowId: string;
  runId: string;
}

/** Has a schedule act and finds the workflow that it started; `scheduledAt` when that is known. */
export async function startedBy(
  handle: ScheduleHandle,
  act: () => Promise<void>,
  scheduledAt?: Date,
): Promise<Started> {
  const actions = async () => (await handle.describe()).info.recentActions;
  const before = new Set((await actions()).map(({ action }) => action.workflow.firstExecutionRunId));
  await act();
  for (const deadline = Date.now() + STARTED_MAX_MS; Date.now() < deadline; await delay(POLL_MS)) {
    const found = (await actions()).find(
      ({ action, scheduledAt: at }) =>
        !before.has(action.workflow.firstExecutionRunId) &&
        (scheduledAt === undefined || at.getTime() === scheduledAt.getTime()),
    );
    if (found)
      return { workflowId: found.action.workflow.workflowId, runId: found.action.workflow.firstExecutionRunId };
  }
  throw faultError(
    'SCHEDULE_DID_NOT_START',
    `${handle.scheduleId} was asked to act, and nothing started within ${STARTED_MAX_MS / 1000} s; a run of that instant may be under way`,
    {
      remedy: 'make runs-last',
    },
  );
}

/** How long the server may take to put on its list what it has just started. */
const LISTED_MAX_MS = 10_000;

/**
 * Whether a schedule of ours has started this workflow. The server's own list of what the schedule did says so: the
 * attributes that a workflow carries are whatever the client that started it has set.
 */
export async function isStartedBySchedule(
  client: Client,
  { slot, accounts }: { slot: Slot; accounts: readonly string[] },
  { workflowId, runId }: Started,
): Promise<boolean> {
  const [account, ...more] = accounts;
  if (more.length > 0) return false;
  const handle = client.schedule.getHandle(scheduleId({ id: `run-${slot}` }, account));
  for (const deadline = Date.now() + LISTED_MAX_MS; Date.now() < deadline; await delay(POLL_MS)) {
    const described = await describeOrNull(handle);
    if (described === null) return false;
    const started = described.info.recentActions.map(({ action }) => action.workflow);
    if (started.some((one) => one.workflowId === workflowId && one.firstExecutionRunId === runId)) return true;
  }
  return false;
}

/** What came of a run that a schedule has started; waits for it. */
export const resultOfStarted = async (
  { client }: Pick<ScheduledInstallation, 'client'>,
  { workflowId, runId }: Started,
): Promise<RunReply> => (await client.workflow.getHandle(workflowId, runId).result()) as RunReply;
