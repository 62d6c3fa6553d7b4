import { listActionsSchema, type ListActions } from '../../contract/market.js';
import { parseInput } from '../../contract/reading.js';
import type { Db } from '../../db/connect.js';
import { keptWhile } from '../../db/kept-while.js';
import { heldAtHand } from '../../db/ledger-at-hand.js';
import { marketToken } from '../../db/market-at-hand.js';
import { ask } from '../../db/questions.js';
import { asOfDate, tradingDayOf } from '../../domain/calendar/calendar.js';
import { dateOf, dayNumber } from '../../domain/dates.js';
import { outcomeOf, type Outcome } from '../../domain/errors.js';
import type { Policy } from '../../domain/policy/policy.js';
import { byText } from '../../domain/order.js';
import type { Instant, IsoDate, UniverseRow } from '../../domain/types.js';
import { judgedUpTo, type JudgedAction } from './judged-actions.js';
import { judgedJumps, type JudgedJump } from './judged-jumps.js';

/** How far back the list goes when nobody says: a year, as an operator would look. */
const DAYS_BACK = 366;

/**
 * Published splits and dividends up to the as-of date of an instant, each with its ruling and why it is on hold, and
 * the jumps of the look-back that none of them explains; oldest first. Whoever looks again gets the same list until
 * anything was fetched or ruled, or something else is held.
 */
export function listActions(
  db: Db,
  { policy, universe }: { policy: Policy; universe: UniverseRow[] },
  { at, ...input }: ListActions & { at: Instant },
): Promise<Outcome<{ since: IsoDate; actions: (JudgedAction | JudgedJump)[] }>> {
  return outcomeOf(async () => {
    const { symbols, since = yearBefore(at) } = parseInput(listActionsSchema, input);
    const query = { since, at, ...(symbols && { symbols }) };
    const due = asOfDate(tradingDayOf(at), policy.calendar);
    const key = `actions ${JSON.stringify([policy, universe, since, due, symbols])}`;
    const word = [await ask(db, marketToken(db)), ...(await heldAtHand(db))].join(' ');
    const actions = await keptWhile(db, { key, word }, async () => {
      const all = [...(await judgedUpTo(db, policy, query)), ...(await judgedJumps(db, { policy, universe }, query))];
      return all.toSorted((a, b) => byText(a.exDate, b.exDate));
    });
    return { since, actions };
  });
}

const yearBefore = (at: Instant): IsoDate => dateOf(dayNumber(new Date(at).toISOString().slice(0, 10)) - DAYS_BACK);
