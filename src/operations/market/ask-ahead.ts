import { storedTails } from '../../db/bars.js';
import type { Instant } from '../../domain/types.js';
import { createProvider } from '../../providers/create.js';
import type { ProviderName } from '../../providers/provider.js';
import type { Installation } from '../installation.js';
import { loadRunContext } from '../runs/context.js';
import { askAll, OVERLAP_SESSIONS } from './ask-provider.js';
import { AT_ONCE, received, type Fetcher, type SymbolAnswer } from './fetching.js';
import { batchesOf } from '../runs/symbols.js';

/** What a drop folder said of symbols before anybody asked, and when it was read. */
export interface AskedAhead {
  provider: ProviderName;
  at: Instant;
  answers: SymbolAnswer[];
}

/** Symbols that are read ahead at most, as many as are stored at once: their files are held in memory meanwhile. */
const AHEAD_MAX = 24;
/** A file that somebody mends while a run waits for longer than this is read again. */
const AHEAD_MAX_MS = 5_000;

/**
 * Reads what a drop folder has of a run's first symbols, while the run finds its way to the step that asks for them.
 * Nothing is stored. Null where answers come from somebody who counts requests, or where files may be too many.
 */
export async function askAhead(
  fetcher: Fetcher & Pick<Installation, 'now'>,
  { runId, symbols }: { runId: string; symbols: string[] },
): Promise<AskedAhead | null> {
  const { run, policy } = await loadRunContext(fetcher.db, runId);
  const { provider: name } = policy.market_data;
  if (name !== 'csv' || symbols.length > AHEAD_MAX) return null;
  const scope = { runId, tradingDay: run.tradingDay, asOfDate: run.asOfDate, policy };
  const at = fetcher.now();
  const provider = await createProvider(name, { ...fetcher, policy, now: received });
  const stored = { source: name, symbols, to: run.asOfDate, sessions: OVERLAP_SESSIONS + 1 };
  const known = { tails: await storedTails(fetcher.db, stored), full: false };
  const answers: SymbolAnswer[] = [];
  for (const few of batchesOf(symbols, AT_ONCE)) answers.push(...(await askAll(fetcher, provider, few, known, scope)));
  // The first answers of a symbol bring its whole history: too much to wait in memory for somebody who may not come.
  return known.tails.size === symbols.length ? { provider: name, at, answers } : null;
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
