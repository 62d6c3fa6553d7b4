import type { Client } from '@temporalio/client';
import type { DayKey } from '../../contract/day-messages.js';
import { historyPath } from '../../reports/paths.js';
import { writeArtifacts } from '../../reports/write.js';
import { tradingDayId } from '../../contract/workflows.js';

/**
 * Keeps the day's history as an artifact, for the server forgets it after its retention. @returns the file, below the
 * data directory
 */
export async function archiveHistory(
  { client, dataDir }: { client: Client; dataDir: string },
  { account, tradingDay }: DayKey,
): Promise<string> {
  const { historyToJSON } = await import('@temporalio/common/lib/proto-utils.js');
  const history = await client.workflow.getHandle(tradingDayId(account, tradingDay)).fetchHistory();
  const file = { path: historyPath(account, tradingDay), text: historyToJSON(history) };
  await writeArtifacts(dataDir, [file], { durable: true });
  return file.path;
}
