import { listActionsSchema, type ListActions } from '../../contract/market.js';
import { parseInput } from '../../contract/reading.js';
import type { Db } from '../../db/connect.js';
import { dateOf, dayNumber } from '../../domain/dates.js';
import { outcomeOf, type Outcome } from '../../domain/errors.js';
import type { Policy } from '../../domain/policy/policy.js';
import type { Instant, IsoDate } from '../../domain/types.js';
import { judgedUpTo, type JudgedAction } from './judged-actions.js';

/** How far back the list goes when nobody says: a year, as an operator would look. */
const DAYS_BACK = 366;

/**
 * Published splits and dividends up to the as-of date of an instant, each with its ruling and why it is on hold,
 * oldest first.
 */
export function listActions(
  db: Db,
  policy: Policy,
  { at, ...input }: ListActions & { at: Instant },
): Promise<Outcome<{ since: IsoDate; actions: JudgedAction[] }>> {
  return outcomeOf(async () => {
    const { symbols, since = yearBefore(at) } = parseInput(listActionsSchema, input);
    return { since, actions: await judgedUpTo(db, policy, { since, at, ...(symbols && { symbols }) }) };
  });
}

const yearBefore = (at: Instant): IsoDate => dateOf(dayNumber(new Date(at).toISOString().slice(0, 10)) - DAYS_BACK);
