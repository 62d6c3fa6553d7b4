import { addSessions } from '../domain/calendar/calendar.js';
import { SESSIONS_AFTER } from '../domain/market/actions.js';
import { jumpsIn, rateJumpsIn, type Jump } from '../domain/market/index.js';
import type { Policy } from '../domain/policy/policy.js';
import type { IsoDate } from '../domain/types.js';
import type { Db } from './connect.js';
import { loadMarketFacts } from './market-facts.js';

/** Every jump of these symbols in the look-back up to the as-of date, settled or not. */
export async function jumpsOf(db: Db, policy: Policy, symbols: string[], asOfDate: IsoDate): Promise<Jump[]> {
  if (symbols.length === 0) return [];
  return jumpsIn(await loadMarketFacts(db, { policy, asOfDate, symbols, pair: null }), policy);
}

/** Every jump of the rates of these pairs in the look-back up to the as-of date, settled or not. */
export async function rateJumpsOf(db: Db, policy: Policy, pairs: string[], asOfDate: IsoDate): Promise<Jump[]> {
  const found = pairs.map(async (pair) =>
    rateJumpsIn(await loadMarketFacts(db, { policy, asOfDate, symbols: [], pair }), policy),
  );
  return (await Promise.all(found)).flat();
}

/** The jump of a pair's rate on one date, which may lie further back than the gate looks; null when there is none. */
export async function rateMoveOn(
  db: Db,
  policy: Policy,
  { pair, date, asOfDate }: { pair: string; date: IsoDate; asOfDate: IsoDate },
): Promise<Jump | null> {
  const jumps = await rateJumpsOf(db, policy, [pair], sessionsAfter(date, policy, asOfDate));
  return jumps.find(({ session }) => session === date) ?? null;
}

/**
 * The jump of one symbol on one day, of its close or of the provider's adjusted close, which may lie further back than
 * the gate looks; null when there is none.
 */
export async function moveOn(
  db: Db,
  policy: Policy,
  { symbol, session, asOfDate }: { symbol: string; session: IsoDate; asOfDate: IsoDate },
): Promise<Jump | null> {
  const jumps = await jumpsOf(db, policy, [symbol], sessionsAfter(session, policy, asOfDate));
  return jumps.find((jump) => jump.session === session) ?? null;
}

/** Some sessions on, that the closes after it are seen too; never beyond what is known. */
function sessionsAfter(session: IsoDate, policy: Policy, asOfDate: IsoDate): IsoDate {
  const after = addSessions(session, SESSIONS_AFTER, policy.calendar);
  return after < asOfDate ? after : asOfDate;
}
