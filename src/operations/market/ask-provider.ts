import { addSessions } from '../../domain/calendar/calendar.js';
import type { IsoDate } from '../../domain/types.js';
import type { EodProvider, FetchFailure, ProviderAnswer } from '../../providers/provider.js';
import { presentable } from './failures.js';
import { wholeHistoryFrom, type Fetcher, type FetchScope, type SymbolAnswer } from './fetching.js';

/** Sessions asked for again before the newest stored one: corrections arrive within days (docs/RULES.md 6.5). */
const OVERLAP_SESSIONS = 10;

/** Asks for a few symbols at once; a failure says nothing secret. */
export async function askAll(
  { env, signal }: Pick<Fetcher, 'env' | 'signal'>,
  provider: EodProvider,
  symbols: string[],
  newest: Map<string, IsoDate>,
  scope: FetchScope,
): Promise<SymbolAnswer[]> {
  const answers = await Promise.all(
    symbols.map(async (symbol) => ({
      symbol,
      answer: await ask(provider, { symbol, newest: newest.get(symbol) ?? null, signal }, scope),
    })),
  );
  signal?.throwIfAborted();
  return answers.map(({ symbol, answer }) => ({ symbol, answer: answer.ok ? answer : presentable(answer, env) }));
}

/** The answer of a symbol that nobody asked for, because of another's. */
export const notAsked = (symbol: string, { code, message }: FetchFailure): SymbolAnswer => ({
  symbol,
  answer: { ok: false, code, message: `not asked, for another symbol was answered: ${message}` },
});

/** The window that is missing; the whole history when a new action makes the provider restate all of it. */
async function ask(
  provider: EodProvider,
  { symbol, newest, signal }: { symbol: string; newest: IsoDate | null; signal: AbortSignal | undefined },
  scope: FetchScope,
): Promise<ProviderAnswer | FetchFailure> {
  const request = (from: IsoDate) =>
    provider.fetchBars({ symbol, from, to: scope.asOfDate, ...(signal && { signal }) });
  if (newest === null) return request(wholeHistoryFrom(scope));
  const from = addSessions(newest, -OVERLAP_SESSIONS, scope.policy.calendar);
  const answer = await request(from);
  return answer.ok && (await restatesHistory(answer, newest)) && from > wholeHistoryFrom(scope)
    ? request(wholeHistoryFrom(scope))
    : answer;
}

/** Adjusted columns and split-adjusted prices are rewritten backwards at every action (docs/RULES.md 6.4). */
async function restatesHistory(answer: ProviderAnswer, newest: IsoDate): Promise<boolean> {
  if (!answer.actions.some(({ exDate }) => exDate > newest)) return false;
  if (answer.basis !== 'raw') return true;
  return (
    Array.isArray(answer.bars) &&
    (answer.bars as { adjClose: string | null }[]).some(({ adjClose }) => adjClose !== null)
  );
}
