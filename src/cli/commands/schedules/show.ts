import type { ScheduleDescription } from '@temporalio/client';
import type { Command } from 'commander';
import { SCHEDULES } from '../../../operations/schedules/list.js';
import { instantLookedFrom } from '../../../operations/schedules/registered.js';
import {
  describeOrNull,
  hasRealAccount,
  isAsWished,
  scheduleId,
  wishedSchedules,
  type ScheduleWish,
} from '../../../operations/schedules/ensure.js';
import { londonTime } from '../../../domain/calendar/calendar.js';
import { comingRuns, schedulesOf, type ComingRun } from '../../../domain/day/schedule-times.js';
import type { Instant } from '../../../domain/types.js';
import { machineClock, type CommonFlags } from '../../kit/context.js';
import type { Answer } from '../../kit/output.js';
import { accountFlag, withSchedules, type SchedulesContext } from './context.js';

const RUNS_SHOWN = 10;

/** One schedule as the server has it. */
interface ShownSchedule {
  scheduleId: string;
  state: 'on' | 'paused' | 'not registered';
  /** False when it is not as the policy wants it. */
  asPolicy: boolean;
  note: string | null;
  next: Instant | null;
  /** Actions since it was created, and those that came too late to be made up for. */
  taken: number;
  missed: number;
}

/** State of each schedule, and the next ten runs on both sides of the Atlantic. */
export async function showSchedules(command: Command): Promise<void> {
  await withSchedules(command, async (context) => {
    const { at: asked } = command.optsWithGlobals<CommonFlags>();
    const { policy, settings, rehearsed, client } = context;
    const at = instantLookedFrom(policy, rehearsed, asked ?? settings.at, machineClock());
    const wishes = wishedSchedules(policy, settings.taskQueue, rehearsed);
    const ids = SCHEDULES.filter(({ isRun }) => isRun || rehearsed === undefined).map((entry) =>
      scheduleId(entry, rehearsed),
    );
    const all = await Promise.all(
      ids.map(async (id) =>
        shownSchedule(
          id,
          wishes.find((wish) => wish.scheduleId === id),
          await describeOrNull(client.schedule.getHandle(id)),
        ),
      ),
    );
    const shown = all.filter((one) => one !== null);
    const runs = comingRuns(schedulesOf(policy), at, RUNS_SHOWN, policy.calendar);
    return answerOf(context, at, shown, runs);
  });
}

/** Null for what is neither wanted nor there. */
function shownSchedule(
  id: string,
  wish: ScheduleWish | undefined,
  found: ScheduleDescription | null,
): ShownSchedule | null {
  if (!found)
    return wish
      ? { scheduleId: id, state: 'not registered', asPolicy: false, note: null, next: null, taken: 0, missed: 0 }
      : null;
  const { state, info } = found;
  return {
    scheduleId: id,
    state: state.paused ? 'paused' : 'on',
    asPolicy: wish !== undefined && isAsWished(found, wish.options),
    note: state.note || null,
    next: state.paused ? null : (info.nextActionTimes[0]?.toISOString() ?? null),
    taken: info.numActionsTaken,
    missed: info.numActionsMissedCatchupWindow,
  };
}

async function answerOf(
  context: SchedulesContext,
  at: Instant,
  shown: ShownSchedule[],
  runs: ComingRun[],
): Promise<Answer> {
  const { default: Table } = await import('cli-table3');
  const table = (head: string[], rows: string[][]) => {
    const drawn = new Table({ head, style: { head: [], border: [] } });
    drawn.push(...rows);
    return drawn.toString();
  };
  const { zone } = schedulesOf(context.policy);
  const mend = `trading-ops schedules ${context.rehearsed !== undefined || hasRealAccount(context.policy) ? 'apply' : 'remove'}${accountFlag(context)}`;
  return {
    data: { at, zone, account: context.rehearsed ?? null, schedules: shown, next: runs },
    lines: [
      ...(shown.length > 0
        ? [table(['schedule', 'state', 'next (UTC)', 'started', 'missed', 'note'], shown.map(scheduleRow))]
        : ['Nothing starts by itself: no account of the policy has clock: real. The times would be:']),
      table(
        ['UK', 'New York', 'run', 'market'],
        runs.map((run) => runRow(run, shown)),
      ),
    ],
    next: shown.some(({ asPolicy }) => !asPolicy) ? mend : 'make runs-last',
  };
}

function scheduleRow({ scheduleId: id, state, asPolicy, next, taken, missed, note }: ShownSchedule): string[] {
  const words = state === 'paused' ? 'PAUSED' : state;
  return [
    id,
    asPolicy || state === 'not registered' ? words : `${words}, not as in the policy`,
    next?.replace(/:00\.000Z$/, '').replace('T', ' ') ?? '',
    String(taken),
    String(missed),
    note ?? '',
  ];
}

function runRow(run: ComingRun, shown: ShownSchedule[]): string[] {
  const state = shown.find(({ scheduleId: id }) => id.startsWith(`run-${run.slot}`))?.state;
  return [
    `${weekday(run.tradingDay)} ${run.london}`,
    run.newYork.slice(11),
    `${run.slot}${state === 'paused' ? ' PAUSED' : ''}`,
    [marketWords(run), ...(run.hoursApart === null ? [] : [`${run.hoursApart} hours apart`])].join('; '),
  ];
}

function marketWords({ market, closesAt, window }: ComingRun): string {
  if (market === 'closed' || !window || !closesAt) return 'CLOSED';
  const words = `window ${londonTime(window.opensAt)} to ${londonTime(window.closesAt)}`;
  return market === 'closes early' ? `EARLY CLOSE at ${londonTime(closesAt)} UK; ${words}` : words;
}

const weekday = (date: string): string =>
  new Date(`${date}T00:00:00Z`).toLocaleDateString('en-GB', { weekday: 'short', timeZone: 'UTC' });
