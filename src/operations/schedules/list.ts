import { schedulesOf } from '../../domain/day/schedule-times.js';
import type { Policy } from '../../domain/policy/policy.js';
import { backupPolicyOf } from '../../domain/policy/backup.js';
import type { BackupInput } from '../../contract/backup.js';
import type { RunInput, WatchInput } from '../../contract/runs.js';
import { WORKFLOWS } from '../../contract/workflows.js';
import { SCHEDULE } from '../runs/ask.js';

/** When a schedule fires, in the policy's zone; a field left out means every one (weekdays: every day; seconds, minutes: 0). */
export interface ScheduleTimes {
  /** Hours of the day; left out: every hour. */
  hours?: number[];
  minute: number;
  second?: number;
  weekdays: 'MONDAY-FRIDAY' | 'DAILY';
}

/** One thing that happens by itself. */
export interface ScheduleEntry {
  /** Schedule id, also what an operator types. */
  id: string;
  /** Whether it is a run of accounts: also registered for single accounts, in rehearsals, as `<id>/<account>`. */
  isRun: boolean;
  workflow: string;
  /** What the started workflow's id begins with; the server adds `-<instant in UTC, to the second>`. */
  workflowId: string;
  times(policy: Policy): ScheduleTimes;
  /** So long after its time it is still started when the server was away at its time. */
  catchupMinutes(policy: Policy): number;
  /** What happens while the one before still runs; left out, both go on: a run that waits must not swallow the next. */
  overlap?: 'ALLOW_ALL' | 'SKIP';
  /** Accounts are those named for a rehearsal; none means every account whose clock is real. */
  args(accounts: string[]): unknown[];
  summary: string;
  details: string;
}

const runInput = (accounts: string[]): [RunInput] => [{ operator: SCHEDULE, accounts, full: false, dryRun: false }];
const timesOfDay = (time: string): ScheduleTimes => ({
  hours: [Number(time.slice(0, 2))],
  minute: Number(time.slice(3)),
  weekdays: 'MONDAY-FRIDAY',
});

/** Everything that happens by itself: one entry each. Jitter is 0, and a failure pauses nothing. */
export const SCHEDULES: readonly ScheduleEntry[] = [
  {
    id: 'run-0800',
    isRun: true,
    workflow: WORKFLOWS.morningRun,
    workflowId: 'morning-run',
    times: (policy) => timesOfDay(schedulesOf(policy).morning),
    catchupMinutes: (policy) => schedulesOf(policy).morning_catchup_minutes,
    args: runInput,
    summary: `0800 run asked for by ${SCHEDULE}`,
    details: 'Fetches, checks and values, and opens the trading day.',
  },
  {
    id: 'run-1400',
    isRun: true,
    workflow: WORKFLOWS.afternoonRun,
    workflowId: 'afternoon-run',
    times: (policy) => timesOfDay(schedulesOf(policy).afternoon),
    catchupMinutes: (policy) => schedulesOf(policy).afternoon_catchup_minutes,
    args: runInput,
    summary: `1400 run asked for by ${SCHEDULE}`,
    details: 'Has the trading day issue its one ticket.',
  },
  {
    id: 'backup',
    isRun: false,
    workflow: WORKFLOWS.databaseBackup,
    workflowId: 'database-backup',
    times: (policy) => ({ ...timesOfDay(backupPolicyOf(policy).daily_at), weekdays: 'DAILY' }),
    // Late is better than not at all, until the next one is due.
    catchupMinutes: () => 12 * 60,
    args: (): [BackupInput] => [{ reason: 'schedule', operator: null }],
    summary: 'Daily backup',
    details: 'Dumps the database, verifies the dump, and keeps the others as the policy says.',
  },
  {
    id: 'watch',
    isRun: false,
    workflow: WORKFLOWS.watch,
    workflowId: 'watch',
    times: () => ({ minute: 10, weekdays: 'DAILY' }),
    // It looks at the present: the next hour's sees what this one would have seen.
    catchupMinutes: () => 10,
    // After three days without a worker one of them waits, not seventy-two.
    overlap: 'SKIP',
    args: (accounts): [WatchInput] => [{ accounts }],
    summary: 'Hourly watch',
    details: 'Accounts for every slot and every deadline.',
  },
];

/** The entry that an operator means by `run-0800`, or `0800` for short. */
export const entryNamed = (name: string): ScheduleEntry | undefined =>
  SCHEDULES.find(({ id }) => id === name || id === `run-${name}`);
