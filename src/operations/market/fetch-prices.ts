import { findFetchRecords, type FetchRecord } from '../../db/fetch-results.js';
import { createProvider } from '../../providers/create.js';
import type { FetchFailure, ProviderName } from '../../providers/provider.js';
import { loadRunContext } from '../runs/context.js';
import { batchesOf } from '../runs/symbols.js';
import { askAll, notAsked, tailsOf } from './ask-provider.js';
import {
  AT_ONCE,
  fared,
  GROUP_MAX,
  received,
  type Fetcher,
  type FetchScope,
  type SymbolAnswer,
  type SymbolOutcome,
} from './fetching.js';
import { storeAnswers } from './store.js';

export interface FetchPrices {
  runId: string;
  symbols: string[];
  /** The whole history again, not only what is new. */
  full?: boolean;
}

/** After one of these every further request would end the same way, and may make a limit worse. */
const ENDS_ALL = new Set<FetchFailure['code']>(['KEY_MISSING', 'UNAUTHORISED', 'RATE_LIMITED']);

/**
 * Fetches and stores bars and actions of these symbols as the run's pinned policy says: from its provider, and from the second
 * where one is named. What the run has recorded is not asked for again.
 */
export async function fetchPrices(fetcher: Fetcher, input: FetchPrices): Promise<{ outcomes: SymbolOutcome[] }> {
  const { run, policy } = await loadRunContext(fetcher.db, input.runId);
  return fetchPricesUnder(fetcher, { ...input, tradingDay: run.tradingDay, asOfDate: run.asOfDate, policy });
}

type FetchPricesUnder = FetchPrices & FetchScope;

/** The same under a policy at hand. */
export async function fetchPricesUnder(
  fetcher: Fetcher,
  input: FetchPricesUnder,
): Promise<{ outcomes: SymbolOutcome[] }> {
  const { provider, second_provider: second } = input.policy.market_data;
  const names = second === null || second === provider ? [provider] : [provider, second];
  const outcomes = [];
  for (const name of names) outcomes.push(...(await fetchFrom(fetcher, name, input)));
  return { outcomes };
}

async function fetchFrom(fetcher: Fetcher, name: ProviderName, input: FetchPricesUnder): Promise<SymbolOutcome[]> {
  const { db } = fetcher;
  const records = await findFetchRecords(db, input.runId, name, 'eod', input.symbols);
  const known = new Set(records.map(({ symbol }) => symbol));
  const pending = [...new Set(input.symbols)].filter((symbol) => !known.has(symbol));
  const ahead = input.full ? undefined : fetcher.ahead?.(name, pending);
  if (ahead) records.push(...(await storeAnswers(fetcher, name, input, ahead)));
  else if (pending.length > 0) records.push(...(await askAndStore(fetcher, name, input, pending)));
  return records.toSorted((a, b) => (a.symbol < b.symbol ? -1 : 1)).map(fared);
}

/** Asks for these symbols, a group after the other, and stores what each group was answered. */
async function askAndStore(
  fetcher: Fetcher,
  name: ProviderName,
  input: FetchPricesUnder,
  pending: string[],
): Promise<FetchRecord[]> {
  const { db } = fetcher;
  const records: FetchRecord[] = [];
  const provider = await createProvider(name, { ...fetcher, policy: input.policy, now: received });
  const tails = await tailsOf(db, name, { symbols: pending, asOfDate: input.asOfDate });
  const known = { tails, full: input.full ?? false };
  let ended: FetchFailure | null = null;
  const size = Math.min(GROUP_MAX, input.policy.market_data.requests_per_minute);
  for (const group of batchesOf(pending, size)) {
    const answers: SymbolAnswer[] = [];
    for (const few of batchesOf(group, AT_ONCE)) {
      answers.push(
        ...(ended === null
          ? await askAll(fetcher, provider, few, known, input)
          : few.map((symbol) => notAsked(symbol, ended as FetchFailure))),
      );
      ended ??=
        answers
          .map(({ answer }) => answer)
          .find((answer): answer is FetchFailure => !answer.ok && ENDS_ALL.has(answer.code)) ?? null;
    }
    records.push(...(await storeAnswers(fetcher, name, input, answers)));
  }
  return records;
}
