import type { Knex } from 'knex';
import { addSessions } from '../../domain/calendar/calendar.js';
import { storedTails, type StoredTail } from '../../db/bars.js';
import { hasClosesOf, isOfAnother, saysOtherwise, seamOf } from '../../domain/market/overlap.js';
import type { Bar, IsoDate } from '../../domain/types.js';
import {
  asOutcome,
  type EodProvider,
  type FetchFailure,
  type ProviderAnswer,
  type ProviderName,
} from '../../providers/provider.js';
import { presentable } from './failures.js';
import { wholeHistoryFrom, type Fetcher, type FetchScope, type SymbolAnswer } from './fetching.js';

/** Sessions asked for again before the newest stored one: corrections arrive within days (docs/RULES.md 6.5). */
const OVERLAP_SESSIONS = 10;

/** What is stored of each symbol, as far as an answer overlaps with it; a symbol without any bar has none. */
export const tailsOf = (
  db: Knex,
  source: ProviderName,
  { symbols, asOfDate }: { symbols: string[]; asOfDate: IsoDate },
): Promise<Map<string, StoredTail>> =>
  storedTails(db, { source, symbols, to: asOfDate, sessions: OVERLAP_SESSIONS + 1 });

/** Asks for a few symbols at once; a failure says nothing secret. */
export async function askAll(
  { env, signal, onProgress }: Pick<Fetcher, 'env' | 'signal' | 'onProgress'>,
  provider: EodProvider,
  symbols: string[],
  { tails, full }: { tails: Map<string, StoredTail>; full: boolean },
  scope: FetchScope,
): Promise<SymbolAnswer[]> {
  const wholeFrom = wholeHistoryFrom(scope);
  const answers = await Promise.all(
    symbols.map(async (symbol) => {
      const answer = await ask(provider, { symbol, tails, full, wholeFrom, signal }, scope);
      onProgress?.();
      return { symbol, answer };
    }),
  );
  signal?.throwIfAborted();
  return answers.map(({ symbol, answer }) => ({ symbol, answer: answer.ok ? answer : presentable(answer, env) }));
}

/** The answer of a symbol that nobody asked for, because of another's. */
export const notAsked = (symbol: string, { code, message }: FetchFailure): SymbolAnswer => ({
  symbol,
  answer: { ok: false, code, message: `not asked, for another symbol was answered: ${message}` },
});

/**
 * The window that is missing, with what overlaps. The whole history, back to the oldest stored session, when a new
 * action makes the provider restate all of it, or when the overlap says otherwise than what is stored: bars before it
 * would be left as they were, with a seam between. An answer that does not reach back far enough for that is refused,
 * and so is one of another instrument, unless the whole history is asked for: then it may be what is stored that was.
 */
async function ask(
  provider: EodProvider,
  {
    symbol,
    tails,
    full,
    wholeFrom,
    signal,
  }: {
    symbol: string;
    tails: ReadonlyMap<string, StoredTail>;
    full: boolean;
    wholeFrom: IsoDate;
    signal: AbortSignal | undefined;
  },
  scope: FetchScope,
): Promise<ProviderAnswer | FetchFailure> {
  const request = (from: IsoDate) =>
    provider.fetchBars({ symbol, from, to: scope.asOfDate, ...(signal && { signal }) });
  const tail = tails.get(symbol);
  if (tail === undefined) return request(wholeFrom);
  const from = addSessions(tail.newest, -OVERLAP_SESSIONS, scope.policy.calendar);
  const oldest = tail.oldest < wholeFrom ? tail.oldest : wholeFrom;
  const answer = full ? null : await inMemory(await request(from));
  if (answer?.ok === false) return answer;
  if (answer !== null && isOfAnother(tail.bars, answer.bars)) return ofAnother(answer, tails);
  const asksMore = answer === null || from > oldest;
  if (answer !== null && !(asksMore && isRestated(answer, tail))) return answer;
  const whole = await inMemory(await request(oldest));
  return whole.ok ? (refusedForSeam(whole, tail, scope) ?? whole) : whole;
}

function ofAnother({ symbol, bars }: AnswerInMemory, tails: ReadonlyMap<string, StoredTail>): FetchFailure {
  const other = [...tails].find(([name, stored]) => name !== symbol && hasClosesOf(stored.bars, bars))?.[0];
  const whose = other === undefined ? '' : `: they are the closes of ${other}`;
  const message =
    `${symbol}: the answer moves on most days otherwise than the stored closes of ${symbol}${whose}; ` +
    `if what is stored is wrong: market-fetch --symbol ${symbol} --full`;
  return { ok: false, code: 'SYMBOL_MISMATCH', message };
}

type AnswerInMemory = ProviderAnswer & { bars: Bar[] };

/** An answer whose bars were read; a failure when they could not be. */
async function inMemory(answer: ProviderAnswer | FetchFailure): Promise<AnswerInMemory | FetchFailure> {
  if (!answer.ok) return answer;
  return asOutcome(async () => {
    const bars: Bar[] = [];
    if (Array.isArray(answer.bars)) bars.push(...(answer.bars as Bar[]));
    else for await (const bar of answer.bars) bars.push(bar);
    return { ...answer, bars };
  });
}

function refusedForSeam(
  answer: AnswerInMemory,
  tail: StoredTail,
  { asOfDate, policy }: FetchScope,
): FetchFailure | null {
  const { lookback_sessions: lookback, max_source_difference: limit } = policy.data_quality;
  const from = addSessions(asOfDate, -lookback, policy.calendar);
  const seam = seamOf(tail, answer.bars, { basis: answer.basis, from, limit });
  if (seam === null) return null;
  const message = `${answer.symbol}: ${seam.why}; the answer reaches back to ${seam.at} only`;
  return { ok: false, code: 'HISTORY_RESTATED', message };
}

const isRestated = (answer: AnswerInMemory, { newest, bars }: StoredTail): boolean =>
  restatesHistory(answer, newest) || saysOtherwise(bars, answer.bars, answer.basis);

/** Adjusted columns and split-adjusted prices are rewritten backwards at every action (docs/RULES.md 6.4). */
function restatesHistory(answer: AnswerInMemory, newest: IsoDate): boolean {
  if (!answer.actions.some(({ exDate }) => exDate > newest)) return false;
  return answer.basis !== 'raw' || answer.bars.some(({ adjClose }) => adjClose !== null);
}
