import type { Client } from '@temporalio/client';
import type { History } from '@temporalio/common/lib/proto-utils.js';
import type { DayKey } from '../../contract/day-messages.js';
import { historyPath } from '../../reports/paths.js';
import { writeArtifacts } from '../../reports/write.js';
import { tradingDayId } from '../../contract/workflows.js';

/**
 * Keeps the day's history as an artifact, for the server forgets it after its retention; of a day that went on in a
 * fresh one, each.
 * @returns the file of the last, below the data directory
 */
export async function archiveHistory(
  { client, dataDir }: { client: Client; dataDir: string },
  { account, tradingDay }: DayKey,
): Promise<string> {
  const { historyToJSON } = await import('@temporalio/common/lib/proto-utils.js');
  const workflowId = tradingDayId(account, tradingDay);
  const write = async (history: History, part: number | null) => {
    const file = { path: historyPath(account, tradingDay, part), text: historyToJSON(history) };
    await writeArtifacts(dataDir, [file], { durable: true });
    return file.path;
  };
  const last = await client.workflow.getHandle(workflowId).fetchHistory();
  const earlier: string[] = [];
  for (let before = beforeOf(last); before !== null && earlier.length < PARTS_MAX;) {
    earlier.unshift(before);
    before = beforeOf(await firstPage(client, workflowId, before));
  }
  // One at a time, for each may have megabytes.
  for (const [index, runId] of earlier.entries())
    await write(await client.workflow.getHandle(workflowId, runId).fetchHistory(), index + 1);
  return write(last, null);
}

/** A day that is flooded for hours has as many histories as it likes; the newest of them are kept. */
const PARTS_MAX = 50;

/** The run that a history goes on from, where a day had become too long for one. */
const beforeOf = ({ events }: History): string | null =>
  events?.[0]?.workflowExecutionStartedEventAttributes?.continuedExecutionRunId || null;

/** The beginning of a history. */
async function firstPage(client: Client, workflowId: string, runId: string): Promise<History> {
  const { history } = await client.workflowService.getWorkflowExecutionHistory({
    namespace: client.options.namespace,
    execution: { workflowId, runId },
    maximumPageSize: 1,
  });
  return history ?? {};
}
