import type { Command } from 'commander';
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { createArtifactActivities } from '../../../operations/files/render.js';
import { createMarketActivities, type SymbolOutcome } from '../../../operations/market/fetch.js';
import type { RunPlan } from '../../../contract/runs.js';
import { assessRun } from '../../../operations/runs/assess.js';
import { beginRun } from '../../../operations/runs/begin.js';
import { accountsOfRun } from '../../../operations/runs/ask.js';
import { concludeRun } from '../../../operations/runs/conclude.js';
import { loadRunContext } from '../../../operations/runs/context.js';
import { finishRun, recordStep } from '../../../db/runs.js';
import { usageError } from '../../../domain/errors.js';
import { EXIT } from '../../kit/exit.js';
import { withContext, type Context } from '../../kit/context.js';
import type { Answer } from '../../kit/output.js';
import { withProgress } from '../../kit/progress.js';
import { bounded } from '../../../domain/text.js';

/** Fetches into a run of its own, without the worker: what 08:00 does, for the symbols asked for. */
export async function marketFetch(command: Command): Promise<void> {
  await withContext(command, async (context) => {
    const { full = false, symbol: asked = [] } = command.opts<{ full?: boolean; symbol?: string[] }>();
    const chosen = chosenSymbols(context, asked);
    const plan = await begin(context, 'market-fetch');
    const { run, policy } = await loadRunContext(context.db, plan.runId);
    const market = createMarketActivities({ db: context.db, dataDir: context.settings.dataDir, env: process.env });
    const scope = { runId: plan.runId, tradingDay: run.tradingDay, asOfDate: run.asOfDate, policy };
    const outcomes = await withProgress(`Fetching prices up to ${run.asOfDate}`, async () => {
      const { outcomes: bars } = await market.fetchPrices({ ...scope, symbols: chosen ?? plan.batches.flat(), full });
      const rates = [];
      for (const pair of chosen ? [] : plan.pairs) rates.push((await market.fetchFx({ ...scope, pair })).outcome);
      return [...bars, ...rates];
    });
    const failed = outcomes.filter(({ status }) => status === 'FAILED');
    const summary = `${outcomes.length - failed.length} of ${outcomes.length} answers usable`;
    await recordStep(context.db, plan.runId, 'fetch', failed.length > 0 ? 'FAIL' : 'DONE', summary);
    await finishRun(context.db, plan.runId, failed.length > 0 ? 'FAIL' : 'PASS', summary);
    return fetchAnswer(plan, outcomes, summary);
  });
}

/** The symbols asked for, or null for all; one that the universe does not know is refused before anything is asked. */
function chosenSymbols({ universe, settings }: Context, asked: string[]): string[] | null {
  const known = new Set(universe.map(({ internalSymbol }) => internalSymbol));
  const unknown = asked.find((symbol) => !known.has(symbol));
  if (unknown !== undefined) {
    throw usageError('SYMBOL_UNKNOWN', `symbol: ${bounded(unknown)}: is not in the universe`, {
      remedy: `add a row to ${path.join(settings.configDir, 'universe.csv')}`,
    });
  }
  return asked.length > 0 ? [...new Set(asked)] : null;
}

async function begin(context: Context, what: string): Promise<RunPlan> {
  const runId = randomUUID();
  return beginRun(
    { db: context.db, configDir: context.settings.configDir, now: () => context.at },
    {
      runId,
      slot: 'ops',
      at: context.at,
      operator: context.operator(),
      accounts: accountsOfRun(context.account, context.accounts, { asked: false, isInstantGiven: false }),
      workflowId: `cli/${what}/${runId}`,
    },
  );
}

function fetchAnswer(plan: RunPlan, outcomes: SymbolOutcome[], summary: string): Answer {
  const failed = outcomes.filter(({ status }) => status === 'FAILED');
  const width = Math.max(...outcomes.map(({ symbol }) => symbol.length), 6);
  return {
    exitCode: failed.length > 0 ? EXIT.refused : EXIT.done,
    data: { runId: plan.runId, tradingDay: plan.tradingDay, asOfDate: plan.asOfDate, outcomes },
    lines: [
      `Prices up to ${plan.asOfDate}: ${summary}. Run ${plan.runId}`,
      ...outcomes.map(
        (one) =>
          `  ${one.symbol.padEnd(width)}  ${one.provider}  ${
            one.status === 'OK'
              ? `${one.rowsNew} new, ${one.rowsRevised} restated, newest ${one.lastSession ?? 'none in this range'}`
              : `${one.code}: ${one.message}`
          }`,
      ),
    ],
    next: failed.length > 0 ? 'mend what is named above and fetch again: make market-fetch' : 'make data-quality',
  };
}

/** Runs the gate over what is stored, keeps result and report, and says every reason. */
export async function dataQuality(command: Command): Promise<void> {
  await withContext(command, async (context) => {
    const plan = await begin(context, 'data-quality');
    await assessRun(context.db, { runId: plan.runId });
    const { outcome, summary } = await concludeRun(context.db, { runId: plan.runId });
    const files = await createArtifactActivities({ db: context.db, dataDir: context.settings.dataDir }).renderQuality({
      runId: plan.runId,
    });
    const {
      rows: [gate],
    } = await context.db.raw<{
      rows: { status: string; reasons: { code: string; subject: string | null; message: string }[] }[];
    }>(`select status, reasons from gate_results where run_id = ? and gate = 'data_quality'`, [plan.runId]);
    const reasons = gate?.reasons ?? [];
    return {
      exitCode: outcome === 'PASS' ? EXIT.done : EXIT.refused,
      data: { runId: plan.runId, asOfDate: plan.asOfDate, status: gate?.status, reasons, files },
      lines: [
        `DATA_QUALITY_${gate?.status} at ${plan.asOfDate}: ${summary}`,
        ...reasons.map(({ code, subject, message }) => `  ${code}${subject ? ` ${subject}` : ''}: ${message}`),
        ...files.map((file) => path.join(context.settings.dataDir, file)),
      ],
      next: nextAfter(reasons.map(({ code }) => code)),
    };
  });
}

function nextAfter(codes: string[]): string {
  if (codes.length === 0) return 'make run-0800';
  return codes.includes('ACTION_NEEDS_REVIEW') ? 'trading-ops actions list --held' : 'make market-fetch';
}
