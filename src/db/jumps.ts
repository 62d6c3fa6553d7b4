import { addSessions } from '../domain/calendar/calendar.js';
import { jumpsIn, type Jump } from '../domain/market/index.js';
import type { Policy } from '../domain/policy/policy.js';
import type { IsoDate } from '../domain/types.js';
import type { Db } from './connect.js';
import { loadMarketFacts } from './market-facts.js';

/** Every jump of these symbols in the look-back up to the as-of date, settled or not. */
export async function jumpsOf(db: Db, policy: Policy, symbols: string[], asOfDate: IsoDate): Promise<Jump[]> {
  if (symbols.length === 0) return [];
  return jumpsIn(await loadMarketFacts(db, { policy, asOfDate, symbols, pair: null }), policy);
}

/** The jump of one symbol on one day, which may lie further back than the gate looks; null when there is none. */
export async function jumpOn(
  db: Db,
  policy: Policy,
  { symbol, session, asOfDate }: { symbol: string; session: IsoDate; asOfDate: IsoDate },
): Promise<Jump | null> {
  const after = addSessions(session, 5, policy.calendar);
  const jumps = await jumpsOf(db, policy, [symbol], after < asOfDate ? after : asOfDate);
  return jumps.find((jump) => jump.session === session) ?? null;
}
