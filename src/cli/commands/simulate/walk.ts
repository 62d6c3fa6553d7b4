import { counted } from '../../../reports/render/format.js';
import type { Command } from 'commander';
import type { WalkReport } from '../../../domain/walk/report.js';
import { renderHtml } from '../../../reports/render/html.js';
import { renderMarkdown } from '../../../reports/render/markdown.js';
import { walkGapLines } from '../../../reports/walk/gaps.js';
import { shareText, walkDocument } from '../../../reports/walk/page.js';
import { withLittleGarbage } from '../../../runtime/heap.js';
import { loadSettings } from '../../../runtime/settings.js';
import { askWalk, type WalkRequest } from '../../../simulation/memory/ask.js';
import { writeReport } from '../../../simulation/memory/files.js';
import { answer, operatorSaid, type CommonFlags } from '../../kit/context.js';
import type { Answer } from '../../kit/output.js';
import { benchmarkLine, percent, ticketsLine } from './lines.js';

interface WalkFlags extends CommonFlags {
  from: string;
  to: string;
  cash?: string;
  rulings?: string;
  events?: string;
  broker?: 'pessimistic' | 'open';
  slippageBps?: string;
  fxSpreadBps?: string;
  policy?: string;
  against?: string;
  resetAfter?: string;
  sensitivity?: boolean;
  tried?: string;
  out?: string;
}

/** Walks the days in memory and says what came of them; it asks no server, and writes where --out says alone. */
export async function walkInMemory(command: Command): Promise<void> {
  const flags = command.optsWithGlobals<WalkFlags>();
  await answer(flags.json ?? false, async () => {
    const { configDir, dataDir, dryRunTrades: dryRun } = loadSettings();
    const asked = { configDir, dataDir, env: process.env, dryRun };
    const report = await withLittleGarbage(() => askWalk(asked, requestOf(flags)));
    const document = walkDocument(report);
    const files =
      flags.out === undefined
        ? []
        : await writeReport(flags.out, report, [
            { extension: 'md', text: renderMarkdown(document) },
            { extension: 'html', text: renderHtml(document) },
            { extension: 'json', text: `${JSON.stringify(report, null, 2)}\n` },
          ]);
    return answerOf(report, files);
  });
}

const requestOf = (flags: WalkFlags): WalkRequest => ({
  from: flags.from,
  to: flags.to,
  cash: flags.cash,
  broker: flags.broker,
  slippageBps: flags.slippageBps,
  fxSpreadBps: flags.fxSpreadBps,
  resetAfter: flags.resetAfter,
  sensitivity: flags.sensitivity,
  tried: flags.tried,
  account: flags.account,
  operator: operatorSaid(flags.operator),
  policyFile: flags.policy,
  againstFile: flags.against,
  rulingsFile: flags.rulings,
  eventsFile: flags.events,
  out: flags.out,
});

function answerOf(report: WalkReport, files: string[]): Answer {
  const { outcome, against, sensitivity, variants, baseCurrency } = report;
  const { lines } = outcome;
  const [deepest] = outcome.drawdowns;
  const changes = sensitivity.map(({ change }) => change);
  return {
    data: { ...report, files },
    lines: [
      `WALK_DONE: ${counted(outcome.sessions, 'session')} from ${outcome.from} to ${outcome.to}, in memory; ` +
        'nothing was stored',
      `SURVIVORSHIP: ${report.warning}`,
      `TRADE ${outcome.trades}, NO_TRADE ${outcome.noTrades}`,
      ticketsLine(outcome),
      `Lines: ${lines.done} done, ${lines.skipped} skipped, ${lines.failed} failed`,
      `Equity: ${outcome.start} to ${outcome.end} ${baseCurrency} (${percent(outcome.change)}; ${outcome.returnName})`,
      ...(outcome.annual === null ? [] : [`A year: ${percent(outcome.annual)}`]),
      ...walkGapLines(outcome, report.endsEarly),
      benchmarkLine(outcome),
      ...(deepest ? [`Deepest fall: ${percent(deepest.depth)}, ${deepest.peak} to ${deepest.trough}`] : []),
      ...outcome.years.map(
        ({ year, turnover, cost, costFraction }) =>
          `${year}: turnover ${shareText(turnover, 0)}, cost ${cost} (${shareText(costFraction)})`,
      ),
      ...(outcome.blocked.length > 0 ? ['Days blocked, by gate code (a day with two counts in both):'] : []),
      ...outcome.blocked.map(({ gate, code, days }) => `  ${code} (${gate}): ${days}`),
      ...(changes.length > 0
        ? [`Other start days and costs: ${percent(Math.min(...changes))} to ${percent(Math.max(...changes))}`]
        : []),
      ...resetLines(report.resets),
      ...againstLines(against),
      'Taken for granted:',
      ...report.assumptions.map((line) => `  ${line}`),
      ...report.unread.map(({ symbol, why }) => `${symbol} could not be read: ${why}`),
      ...report.problems.map(
        ({ tradingDay, problem, days }) => `${tradingDay}${days > 1 ? ` and ${days - 1} more` : ''}: ${problem}`,
      ),
      `Variants tried: ${variants.inThisReport} in this report, ${variants.before} before it`,
      ...files,
    ],
  };
}

const resetLines = (resets: WalkReport['resets']): string[] =>
  resets.map(({ tradingDay, reason }) => `Kill switch reset on ${tradingDay}: ${reason}`);

function againstLines(against: WalkReport['against']): string[] {
  if (!against) return [];
  const { by, outcome, resets, differences } = against;
  return [
    `Against ${by.file}: ${percent(outcome.change)}; tickets differ on ${differences.length} days` +
      (differences[0] ? `, first on ${differences[0].tradingDay}` : ''),
    ...[...walkGapLines(outcome, null), ...resetLines(resets)].map((line) => `  ${line}`),
  ];
}
