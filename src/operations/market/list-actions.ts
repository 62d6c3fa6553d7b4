import { listActionsSchema, type ListActions } from '../../contract/market.js';
import { parseInput } from '../../contract/reading.js';
import type { Db } from '../../db/connect.js';
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
 * the jumps of the look-back that none of them explains; oldest first.
 */
export function listActions(
  db: Db,
  { policy, universe }: { policy: Policy; universe: UniverseRow[] },
  { at, ...input }: ListActions & { at: Instant },
): Promise<Outcome<{ since: IsoDate; actions: (JudgedAction | JudgedJump)[] }>> {
  return outcomeOf(async () => {
    const { symbols, since = yearBefore(at) } = parseInput(listActionsSchema, input);
    const query = { since, at, ...(symbols && { symbols }) };
    const all = [...(await judgedUpTo(db, policy, query)), ...(await judgedJumps(db, { policy, universe }, query))];
    return { since, actions: all.toSorted((a, b) => byText(a.exDate, b.exDate)) };
  });
}

const yearBefore = (at: Instant): IsoDate => dateOf(dayNumber(new Date(at).toISOString().slice(0, 10)) - DAYS_BACK);
