import type { Command } from 'commander';
import type { ListRuns } from '../../../contract/lists.js';
import { resultOrThrow } from '../../../domain/errors.js';
import { listRuns as newest } from '../../../operations/runs/list.js';
import { withContext } from '../../kit/context.js';

/** Lists the newest runs, newest first. */
export async function listRuns(command: Command): Promise<void> {
  await withContext(command, async ({ db }) => {
    const runs = resultOrThrow(await newest(db, { limit: command.opts<ListRuns>().limit }));
    const { default: Table } = await import('cli-table3');
    const table = new Table({
      head: ['trading day', 'slot', 'outcome', 'summary', 'operator', 'run'],
      style: { head: [], border: [] },
    });
    for (const run of runs)
      table.push([run.tradingDay, run.slot, run.outcome ?? 'under way', run.summary ?? '', run.operator, run.runId]);
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
      lines: runs.length > 0 ? [table.toString()] : ['There is no run yet.'],
      next: runs.length > 0 ? 'trading-ops ticket show' : 'make run-0800',
    };
  });
}
