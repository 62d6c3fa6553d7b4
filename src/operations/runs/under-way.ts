import type { Client } from '@temporalio/client';
import { WORKFLOWS } from '../../contract/workflows.js';

/** From their first step to their last, these are in the middle of something. */
const RUNS: readonly string[] = [
  WORKFLOWS.morningRun,
  WORKFLOWS.afternoonRun,
  WORKFLOWS.opsRun,
  WORKFLOWS.databaseBackup,
  WORKFLOWS.restoreTest,
];
/** Events of a workflow that no worker has looked at yet: it has done nothing. */
const EVENTS_BEFORE_FIRST_STEP = 3;
const NOT_FOUND = 'WorkflowNotFoundError';

/**
 * What workflows are in the middle of, a line each: a run, a backup, a step of a day. A day that waits for a human is
 * not under way, nor is a run that no worker has begun.
 * @param messages true counts a day's message that no worker has handled yet.
 */
export async function workUnderWay(client: Client, { messages }: { messages: boolean }): Promise<string[]> {
  const lines: string[] = [];
  for await (const { workflowId, runId } of client.workflow.list({ query: `ExecutionStatus = 'Running'` })) {
    const line = await doingOf(client, workflowId, runId, messages);
    if (line !== null) lines.push(line);
  }
  return lines.toSorted();
}

async function doingOf(client: Client, workflowId: string, runId: string, messages: boolean): Promise<string | null> {
  const described = await client.workflow
    .getHandle(workflowId, runId)
    .describe()
    .catch((error: Error) => {
      if (error.name === NOT_FOUND) return null;
      throw error;
    });
  if (described === null || described.status.name !== 'RUNNING') return null;
  const { type, historyLength, raw } = described;
  const isDay = type === WORKFLOWS.tradingDay;
  // What other workflows wait to try again (an alert's delivery) changes no fact.
  const steps = (raw.pendingActivities ?? []).filter(
    ({ lastStartedTime, attempt }) => isDay || RUNS.includes(type) || (lastStartedTime && (attempt ?? 1) <= 1),
  );
  if (steps.length > 0)
    return `${workflowId}: ${[...new Set(steps.map(({ activityType }) => activityType?.name))].join(', ')}`;
  if (RUNS.includes(type) && historyLength > EVENTS_BEFORE_FIRST_STEP) return `${workflowId}: ${type}`;
  return isDay && messages && raw.pendingWorkflowTask
    ? `${workflowId}: a message that no worker has handled yet`
    : null;
}
