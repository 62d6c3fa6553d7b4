import type { Command } from 'commander';
import type { ListRuns } from '../../../contract/lists.js';
import { resultOrThrow } from '../../../domain/errors.js';
import { listRuns as newest } from '../../../operations/runs/list.js';
import { instantSeen } from '../../../operations/accounts/clock.js';
import { unendedWord } from '../../../reports/run/unended.js';
import { machineClock, withContext } from '../../kit/context.js';

/** Lists the newest runs, newest first. */
export async function listRuns(command: Command): Promise<void> {
  await withContext(command, async ({ db, account }) => {
    const runs = resultOrThrow(await newest(db, { limit: command.opts<ListRuns>().limit }));
    const now = await instantSeen(db, account, { now: machineClock() });
    const { shortId, tableLines, wrapped } = await import('../../kit/table.js');
    const [head = '', ...lines] = tableLines(
      ['trading day', 'slot', 'outcome', 'operator', 'run'],
      runs.map(({ tradingDay, slot, outcome, operator, runId, at }) => [
        tradingDay,
        slot,
        outcome ?? unendedWord(at, now),
        operator,
        shortId(runId),
      ]),
      { box: 'never' },
    );
    const summaryOf = (index: number) => wrapped(`  ${runs[index]?.summary ?? ''}`, { indent: '    ' });
    const table = [head, ...lines.flatMap((line, index) => [line, ...summaryOf(index)])];
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
