import path from 'node:path';
import type { Asker } from '../../contract/asker.js';
import { parseInput } from '../../contract/reading.js';
import { fetchMarketSchema, type FetchMarket } from '../../contract/market.js';
import type { RunPlan } from '../../contract/runs.js';
import { finishRun } from '../../db/run-results.js';
import { recordStep } from '../../db/runs.js';
import { inTransaction } from '../../db/transaction.js';
import { outcomeOf, usageError, type Outcome } from '../../domain/errors.js';
import { bounded } from '../../domain/text.js';
import type { Installation } from '../installation.js';
import { readConfiguration } from '../runs/configuration.js';
import { fetchPrices } from './fetch-prices.js';
import { fetchRates } from './fetch-rates.js';
import type { Fetcher, SymbolOutcome } from './fetching.js';
import { beginRunApart } from './run-apart.js';

export interface FetchedApart extends Pick<RunPlan, 'runId' | 'tradingDay' | 'asOfDate'> {
  outcomes: SymbolOutcome[];
  summary: string;
  /** Whether every answer was usable. */
  complete: boolean;
}

/** Fetches into a run of its own, without the worker: what 08:00 does, for the symbols asked for. */
export function fetchMarket(
  installation: Installation & Fetcher,
  asker: Asker,
  input: FetchMarket,
): Promise<Outcome<FetchedApart>> {
  return outcomeOf(async () => {
    const { account, runId, symbols, full } = parseInput(fetchMarketSchema, input);
    await refuseUnknown(installation, symbols);
    const plan = await beginRunApart(installation, asker, { account, runId, what: 'market-fetch' });
    const outcomes = await fetchAll(installation, plan, { symbols, full });
    const failed = outcomes.filter(({ status }) => status === 'FAILED').length;
    const summary = `${outcomes.length - failed} of ${outcomes.length} answers usable`;
    await inTransaction(installation.db, async (trx) => {
      await recordStep(trx, runId, 'fetch', failed > 0 ? 'FAIL' : 'DONE', summary);
      await finishRun(trx, runId, failed > 0 ? 'FAIL' : 'PASS', summary);
    });
    const { tradingDay, asOfDate } = plan;
    return { runId, tradingDay, asOfDate, outcomes, summary, complete: failed === 0 };
  });
}

/** Refuses a symbol that the universe does not know, before anything is asked. @throws OpsError SYMBOL_UNKNOWN */
async function refuseUnknown({ configDir }: Installation, symbols: readonly string[]): Promise<void> {
  const { universe } = await readConfiguration(configDir);
  const known = new Set(universe.map(({ internalSymbol }) => internalSymbol));
  const unknown = symbols.find((symbol) => !known.has(symbol));
  if (unknown === undefined) return;
  throw usageError('SYMBOL_UNKNOWN', `symbol: ${bounded(unknown)}: is not in the universe`, {
    remedy: `add a row to ${path.join(configDir, 'universe.csv')}`,
  });
}

/** All symbols with their rates, or those that were named alone. */
async function fetchAll(
  fetcher: Fetcher,
  { runId, batches, pairs }: RunPlan,
  { symbols, full }: { symbols: string[]; full: boolean },
): Promise<SymbolOutcome[]> {
  const all = symbols.length === 0;
  const { outcomes } = await fetchPrices(fetcher, {
    runId,
    symbols: all ? batches.flat() : [...new Set(symbols)],
    full,
  });
  const rates: SymbolOutcome[] = [];
  for (const pair of all ? pairs : []) {
    const { outcome, second } = await fetchRates(fetcher, { runId, pair });
    rates.push(outcome, ...(second ? [second] : []));
  }
  return [...outcomes, ...rates];
}
