import type { Command } from 'commander';
import { withContext } from '../../kit/context.js';
import { wholeNumber } from '../../kit/whole-number.js';

interface RunRow {
  run_id: string;
  slot: string;
  trading_day: string;
  at: string;
  operator: string;
  outcome: string | null;
  summary: string | null;
}

/** Lists the newest runs, newest first. */
export async function listRuns(command: Command): Promise<void> {
  await withContext(command, async ({ db }) => {
    const limit = wholeNumber('limit', command.opts<{ limit: string }>().limit);
    const runs = await db('runs as r')
      .leftJoin('run_results as s', 's.run_id', 'r.run_id')
      .orderBy('r.seq', 'desc')
      .limit(limit)
      .select<RunRow[]>('r.run_id', 'r.slot', 'r.trading_day', 'r.at', 'r.operator', 's.outcome', 's.summary');
    const { default: Table } = await import('cli-table3');
    const table = new Table({
      head: ['trading day', 'slot', 'outcome', 'summary', 'operator', 'run'],
      style: { head: [], border: [] },
    });
    for (const run of runs)
      table.push([run.trading_day, run.slot, run.outcome ?? 'under way', run.summary ?? '', run.operator, run.run_id]);
    return {
      data: runs,
      lines: runs.length > 0 ? [table.toString()] : ['There is no run yet.'],
      next: runs.length > 0 ? 'trading-ops ticket show' : 'make run-0800',
    };
  });
}
