import type { ReconcileInput } from '../../contract/day-messages.js';
import { tradingDayOf } from '../../domain/calendar/calendar.js';
import { refuseBeforeDay } from '../../domain/day/clock.js';
import type { Refusal } from '../../domain/errors.js';
import { problemText, type Problem } from '../../domain/problems.js';
import { seenProblems } from '../../domain/reconciliation/seen.js';
import { parseSnapshot, type SnapshotInput } from '../../domain/reconciliation/snapshot.js';
import type { Admitted } from '../installation.js';

/**
 * Holds a snapshot against the day it is for and the rules of its figures.
 * @throws OpsError CLAIM_BEFORE_DAY
 */
export function checkSnapshot(
  {
    at,
    claimedAt,
    configuration: {
      policy: { calendar },
    },
  }: Admitted,
  { tradingDay, snapshotDate, cash, positions, notes, seen }: Omit<ReconcileInput, 'commandId' | 'account'>,
): { snapshot: SnapshotInput } | { problems: Problem[] } {
  refuseBeforeDay({ at, claimedAt }, tradingDay, calendar);
  const today = tradingDayOf(at);
  if (today > tradingDay)
    return { problems: [{ field: 'at', value: at, rule: `must not be after the trading day, ${tradingDay}` }] };
  refuseBeforeDay({ at, claimedAt: null }, tradingDay, calendar);
  const problems = seenProblems(positions, seen);
  if (problems.length > 0) return { problems };
  return parseSnapshot({ snapshotDate, cash, positions, notes }, today);
}

/** The refusal that a snapshot's problems are. */
export const invalid = (problems: readonly Problem[]): Refusal => ({
  kind: 'usage',
  code: 'SNAPSHOT_INVALID',
  message: problemText(problems),
  remedy: 'Nothing was recorded. Correct the snapshot and reconcile again.',
});
