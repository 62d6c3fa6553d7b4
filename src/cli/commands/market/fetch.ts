import type { Command } from 'commander';
import { randomUUID } from 'node:crypto';
import { resultOrThrow } from '../../../domain/errors.js';
import { fetchMarket, type FetchedApart } from '../../../operations/market/fetch-apart.js';
import type { SymbolOutcome } from '../../../operations/market/fetching.js';
import { askerOf, installationOf } from '../../kit/asker.js';
import { withContext } from '../../kit/context.js';
import { EXIT } from '../../kit/exit.js';
import type { Answer } from '../../kit/output.js';
import { withProgress } from '../../kit/progress.js';

/** Fetches into a run of its own, without the worker: what 08:00 does, for the symbols asked for. */
export async function marketFetch(command: Command): Promise<void> {
  await withContext(command, async (context) => {
    const { full = false, symbol: symbols = [] } = command.opts<{ full?: boolean; symbol?: string[] }>();
    const installation = { ...installationOf(context), env: process.env };
    const input = { account: context.account.account, runId: randomUUID(), symbols, full };
    const asker = askerOf(context);
    return answerOf(
      resultOrThrow(await withProgress('Fetching prices', () => fetchMarket(installation, asker, input))),
    );
  });
}

function answerOf({ runId, tradingDay, asOfDate, outcomes, summary, complete }: FetchedApart): Answer {
  const width = Math.max(...outcomes.map(({ symbol }) => symbol.length), 6);
  return {
    exitCode: complete ? EXIT.done : EXIT.refused,
    data: { runId, tradingDay, asOfDate, outcomes },
    lines: [
      `Prices up to ${asOfDate}: ${summary}. Run ${runId}`,
      ...outcomes.map((one) => `  ${one.symbol.padEnd(width)}  ${one.provider}  ${faredOf(one)}`),
    ],
    next: complete ? 'make data-quality' : 'mend what is named above and fetch again: make market-fetch',
  };
}

const faredOf = ({ status, code, message, rowsNew, rowsRevised, lastSession }: SymbolOutcome): string =>
  status === 'OK'
    ? `${rowsNew} new, ${rowsRevised} restated, newest ${lastSession ?? 'none in this range'}`
    : `${code}: ${message}`;
