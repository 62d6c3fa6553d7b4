import { comingRuns, schedulesOf, type ComingRun } from '../../domain/day/schedule-times.js';
import type { Policy } from '../../domain/policy/policy.js';
import type { Instant } from '../../domain/types.js';

/** Coming runs that are told. */
const RUNS_SHOWN = 10;

/** The next runs after an instant, as the policy has them: nothing is asked of a server, which may be away. */
export const runsAhead = (policy: Policy, at: Instant): ComingRun[] =>
  comingRuns(schedulesOf(policy), at, RUNS_SHOWN, policy.calendar);
