import { counted } from '../../../reports/render/format.js';
import type { Command } from 'commander';
import type { Simulate } from '../../../contract/simulation.js';
import type { IsoDate } from '../../../domain/types.js';
import { commandOf, ofAccount } from '../../../reports/commands.js';
import { benchmarkGapLines, gapLines } from '../../../reports/walk/gaps.js';
import { handsOf } from '../../../simulation/hands.js';
import type { SimulationResult } from '../../../simulation/result.js';
import { prepareSimulation } from '../../../simulation/simulate.js';
import { installationOf } from '../../kit/asker.js';
import { withContext, type Context } from '../../kit/context.js';
import { signerOf } from '../../kit/signer.js';
import type { Answer } from '../../kit/output.js';
import { withTemporal, workersOf } from '../../kit/temporal.js';
import { requireWorker } from '../../../operations/workers.js';
import { benchmarkLine, percent, ticketsLine } from './lines.js';
import { showDays } from './progress.js';

/** Drives the days and says what came of them; the first broken invariant ends it with exit 1. */
export async function simulate(command: Command): Promise<void> {
  await withContext(command, async (context) => {
    const { from, to, cash, rulings, events } = command.opts<Simulate & { rulings?: string; events?: string }>();
    const { policy, universe, account, settings } = context;
    const theatre = { installation: installationOf(context), policy, universe, account, env: process.env };
    const simulation = await prepareSimulation(theatre, { from, to, cash }, rulings, events);
    const result = await withTemporal(settings, async (client) => {
      await requireWorker(client, workersOf(context));
      const { taskQueue, dryRunTrades: dryRun } = settings;
      const sign = signerOf(settings);
      const hands = handsOf(client, { ...theatre, operator: context.operator(), taskQueue, dryRun, sign });
      return showDays(account, simulation.sessions, (onDay) => simulation.drive(hands, onDay));
    });
    return answerOf(context, result);
  });
}

/** Each problem once, with the first day and on how many. */
function problemLines(problems: SimulationResult['problems']): string[] {
  const days = new Map<string, IsoDate[]>();
  for (const { tradingDay, problem } of problems) days.set(problem, [...(days.get(problem) ?? []), tradingDay]);
  return [...days].map(([problem, on]) => `${on[0]}${on.length > 1 ? ` and ${on.length - 1} more` : ''}: ${problem}`);
}

/** Days without a trade by the code that a gate gave, the most first; a day with two codes counts in both. */
export function blockedLines({
  noTrades,
  noTradesByReason,
}: Pick<SimulationResult, 'noTrades' | 'noTradesByReason'>): string[] {
  if (noTrades === 0) return ['Days blocked: none.'];
  const width = Math.max(...Object.keys(noTradesByReason).map((code) => code.length));
  const blocked = Object.entries(noTradesByReason).map(([code, days]) => `  ${code.padEnd(width)}  ${days}`);
  return [`Days blocked: ${noTrades}, by gate code (a day with two counts in both):`, ...blocked];
}

function answerOf({ account }: Context, result: SimulationResult): Answer {
  const { fills } = result;
  const needed = result.needed.map((ruling) => commandOf(ruling, account, null));
  return {
    data: { ...result, needed },
    lines: [
      `SIMULATION_PASS: ${counted(result.days, 'session')} from ${result.from} to ${result.to}, ` +
        `${result.secondsPerDay} s a day`,
      `TRADE ${result.trades}, NO_TRADE ${result.noTrades}`,
      ticketsLine(result),
      `Fills: ${fills.done} done, ${fills.skipped} skipped, ${fills.failed} failed; dividends booked ${result.dividendsBooked}, splits ${result.splitsBooked}, rulings ${result.rulings}`,
      `Equity: ${result.equityStart} to ${result.equityEnd} ${account.baseCurrency} (${percent(result.change)})`,
      benchmarkLine(result),
      ...gapLines(result, result),
      ...benchmarkGapLines(result.benchmark),
      'Ledger and broker agree to the penny and the sixth decimal; the audit log is intact; every invariant held after every day.',
      ...problemLines(result.problems),
      ...(needed.length > 0
        ? [
            'Held for review until they left the lookback; a human would have typed:',
            ...needed.map((command) => `  ${command}`),
          ]
        : []),
      ...blockedLines(result),
    ],
    next: ofAccount('trading-ops ledger-report', account.account),
  };
}
