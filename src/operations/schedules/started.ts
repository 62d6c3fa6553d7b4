import type { ScheduleHandle } from '@temporalio/client';
import { setTimeout as delay } from 'node:timers/promises';
import type { RunReply } from '../../contract/runs.js';
import { faultError } from '../../domain/errors.js';
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

/** What came of a run that a schedule has started; waits for it. */
export const resultOfStarted = async (
  { client }: Pick<ScheduledInstallation, 'client'>,
  { workflowId, runId }: Started,
): Promise<RunReply> => (await client.workflow.getHandle(workflowId, runId).result()) as RunReply;
