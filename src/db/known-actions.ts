import { addSessions } from '../domain/calendar/calendar.js';
import type { Policy } from '../domain/policy/policy.js';
import { knownActionsIn, SESSIONS_AFTER, type KnownActions } from '../domain/market/actions.js';
import type { IsoDate } from '../domain/types.js';
import type { Db } from './connect.js';
import { keptWhile } from './kept-while.js';
import { loadMarketFacts } from './market-facts.js';
import { marketToken } from './market-at-hand.js';
import { ask } from './questions.js';

/** What is known of these symbols' actions in the quarter of a year up to the as-of date. */
export async function knownActions(
  db: Db,
  policy: Policy,
  symbols: string[],
  asOfDate: IsoDate,
): Promise<KnownActions> {
  const facts = await loadMarketFacts(db, { policy, asOfDate, symbols, pair: null, whole: true });
  return knownActionsIn(facts, policy.data_quality);
}

/** The same, around one ex-date that may lie further back. */
export function knownActionsAround(
  db: Db,
  policy: Policy,
  symbol: string,
  exDate: IsoDate,
  asOfDate: IsoDate,
): Promise<KnownActions> {
  const after = addSessions(exDate, SESSIONS_AFTER, policy.calendar);
  return knownActions(db, policy, [symbol], after < asOfDate ? after : asOfDate);
}

/**
 * The same as `knownActions` for whoever looks, read and judged anew only when anything was fetched or ruled
 * meanwhile.
 */
export const knownActionsAtHand = async (
  db: Db,
  policy: Policy,
  symbols: string[],
  asOfDate: IsoDate,
): Promise<KnownActions> =>
  keptWhile(
    db,
    { key: `known actions ${JSON.stringify([policy, symbols, asOfDate])}`, word: await ask(db, marketToken(db)) },
    () => knownActions(db, policy, symbols, asOfDate),
  );
