import { addSessions } from '../domain/calendar/calendar.js';
import { jumpsIn, type Jump } from '../domain/market/index.js';
import type { Policy } from '../domain/policy/policy.js';
import type { Bar, IsoDate } from '../domain/types.js';
import type { Db } from './connect.js';
import { loadMarketFacts } from './market-facts.js';

/** Above what rounding and an ordinary dividend make of a provider's adjusted close. */
const ADJUSTED_BY = 0.03;

/** Every jump of these symbols in the look-back up to the as-of date, settled or not. */
export async function jumpsOf(db: Db, policy: Policy, symbols: string[], asOfDate: IsoDate): Promise<Jump[]> {
  if (symbols.length === 0) return [];
  return jumpsIn(await loadMarketFacts(db, { policy, asOfDate, symbols, pair: null }), policy);
}

/**
 * The jump of one symbol on one day, which may lie further back than the gate looks, null when there is none; and whether
 * the provider's adjusted close of that day moves otherwise than its close.
 */
export async function moveOn(
  db: Db,
  policy: Policy,
  { symbol, session, asOfDate }: { symbol: string; session: IsoDate; asOfDate: IsoDate },
): Promise<{ jump: Jump | null; adjusted: boolean }> {
  const after = addSessions(session, 5, policy.calendar);
  const until = after < asOfDate ? after : asOfDate;
  const market = await loadMarketFacts(db, { policy, asOfDate: until, symbols: [symbol], pair: null });
  const bars = market.histories.flatMap((history) => history.bars);
  const at = bars.findIndex((bar) => bar.session === session);
  return {
    jump: jumpsIn(market, policy).find((jump) => jump.session === session) ?? null,
    adjusted: isAdjusted(bars[at - 1], bars[at]),
  };
}

function isAdjusted(before: Bar | undefined, bar: Bar | undefined): boolean {
  if (!before || !bar || before.adjClose === null || bar.adjClose === null) return false;
  const given = Number(bar.adjClose) / Number(before.adjClose);
  return Math.abs((given * Number(before.close)) / Number(bar.close) - 1) > ADJUSTED_BY;
}
