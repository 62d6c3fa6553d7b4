import type { Instant } from '../../domain/types.js';
import { createProvider } from '../../providers/create.js';
import type { ProviderName } from '../../providers/provider.js';
import type { Installation } from '../installation.js';
import { loadRunContext } from '../runs/context.js';
import { batchesOf } from '../runs/symbols.js';
import { askAll, tailsOf } from './ask-provider.js';
import type { FetchPrices } from './fetch-prices.js';
import { AT_ONCE, GROUP_MAX, received, type Fetcher, type FetchScope, type SymbolAnswer } from './fetching.js';

/** What a drop folder said of symbols before anybody asked, and when it was read. */
export interface AskedAhead {
  provider: ProviderName;
  at: Instant;
  answers: SymbolAnswer[];
}

/** A file that somebody mends while a run waits for longer than this is read again. */
const AHEAD_MAX_MS = 5_000;

/** What is read while a run finds its way to the step that asks for it. */
type AskAhead = Pick<FetchPrices, 'runId' | 'symbols'>;

/** Reads ahead under the run's pinned policy. */
export async function askAhead(fetcher: Reader, input: AskAhead): Promise<AskedAhead | null> {
  const { run, policy } = await loadRunContext(fetcher.db, input.runId);
  return askAheadUnder(fetcher, { ...input, tradingDay: run.tradingDay, asOfDate: run.asOfDate, policy });
}

type Reader = Fetcher & Pick<Installation, 'now'>;

/**
 * Reads what a drop folder has of these symbols; nothing is stored. Null where answers come from somebody who counts
 * requests, and where they would be too much to wait in memory for somebody who may not come: more symbols than are
 * stored at once, or one whose whole history is asked for, for nothing of it is stored yet.
 */
export async function askAheadUnder(
  fetcher: Reader,
  { symbols, ...scope }: AskAhead & FetchScope,
): Promise<AskedAhead | null> {
  const { asOfDate, policy } = scope;
  const { provider: name } = policy.market_data;
  if (name !== 'csv' || symbols.length > GROUP_MAX) return null;
  const at = fetcher.now();
  const tails = await tailsOf(fetcher.db, name, { symbols, asOfDate });
  if (tails.size < symbols.length) return null;
  const provider = await createProvider(name, { ...fetcher, policy, now: received });
  const answers: SymbolAnswer[] = [];
  for (const few of batchesOf(symbols, AT_ONCE))
    answers.push(...(await askAll(fetcher, provider, few, { tails, full: false }, scope)));
  return { provider: name, at, answers };
}

/** The answers to exactly these symbols, where they were read a moment ago; undefined where they must be asked for. */
export function answersAhead(
  ahead: AskedAhead | null | undefined,
  { provider, symbols, now }: { provider: ProviderName; symbols: readonly string[]; now: Instant },
): SymbolAnswer[] | undefined {
  if (!ahead || ahead.provider !== provider || Date.parse(now) - Date.parse(ahead.at) > AHEAD_MAX_MS) return undefined;
  const asked = new Set(symbols);
  const isSame = ahead.answers.length === asked.size && ahead.answers.every(({ symbol }) => asked.has(symbol));
  return isSame ? ahead.answers : undefined;
}
