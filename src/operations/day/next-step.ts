import type { DayView } from '../../domain/day/state.js';
import type { Policy } from '../../domain/policy/policy.js';
import { outcomeOf, resultOrThrow, type Outcome } from '../../domain/errors.js';
import type { Account, Instant } from '../../domain/types.js';
import { nextOfDay } from '../../reports/catalogue/next.js';
import { nextRun } from './next-run.js';
import { showDay, type DayLook } from './show.js';

/** Where a day stands, and what is done next. */
export interface NextStep {
  view: DayView;
  next: string;
}

/**
 * Where the day that is asked for stands, the newest that was opened when none is named, and what is typed next: the
 * same through whatever door. Refuses as `showDay`.
 */
export function nextStep(
  look: DayLook,
  {
    account,
    tradingDay,
    at,
    policy,
  }: { account: Account; tradingDay?: string | undefined; at: Instant; policy: Policy },
): Promise<Outcome<NextStep>> {
  return outcomeOf(async () => {
    const { view, instead } = resultOrThrow(
      await showDay(look, { account: account.account, tradingDay, at, calendar: policy.calendar }),
    );
    if (instead !== null) return { view, next: instead };
    const waitsFor = await nextRun(look.db, { account: account.account, tradingDay: view.tradingDay, at }, policy);
    return { view, next: nextOfDay(view, waitsFor, account) };
  });
}
