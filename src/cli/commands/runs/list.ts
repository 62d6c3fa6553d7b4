import type { Command } from 'commander';
import type { ListRuns } from '../../../contract/lists.js';
import { resultOrThrow } from '../../../domain/errors.js';
import { listRuns as newest } from '../../../operations/runs/list.js';
import { withContext } from '../../kit/context.js';

/** Lists the newest runs, newest first. */
export async function listRuns(command: Command): Promise<void> {
  await withContext(command, async ({ db }) => {
    const runs = resultOrThrow(await newest(db, { limit: command.opts<ListRuns>().limit }));
    const { shortId, tableLines } = await import('../../kit/table.js');
    const table = tableLines(
      ['trading day', 'slot', 'outcome', 'summary', 'operator', 'run'],
      runs.map(({ tradingDay, slot, outcome, summary, operator, runId }) => [
        tradingDay,
        slot,
        outcome ?? 'under way',
        summary ?? '',
        operator,
        shortId(runId),
      ]),
    );
    return {
      data: runs.map(({ runId, slot, tradingDay, at, operator, outcome, summary }) => ({
        run_id: runId,
        slot,
        trading_day: tradingDay,
        at,
        operator,
        outcome,
        summary,
      })),
      lines: runs.length > 0 ? table : ['There is no run yet.'],
      next: runs.length > 0 ? 'trading-ops ticket show' : 'make run-0800',
    };
  });
}
