import type { Command } from 'commander';
import { londonTime } from '../../../domain/calendar/calendar.js';
import { schedulesOf, type ComingRun } from '../../../domain/day/schedule-times.js';
import {
  showSchedules as lookAtSchedules,
  type ShownSchedule,
  type ShownSchedules,
} from '../../../operations/schedules/show.js';
import { ukTime } from '../../../reports/render/format.js';
import type { CommonFlags } from '../../kit/context.js';
import type { Answer } from '../../kit/output.js';
import { accountFlag, withSchedules, type SchedulesContext } from './context.js';

/** State of each schedule, and the next ten runs on both sides of the Atlantic. */
export async function showSchedules(command: Command): Promise<void> {
  await withSchedules(command, async (context) => {
    const { at } = command.optsWithGlobals<CommonFlags>();
    const { installation, policy, settings, rehearsed } = context;
    return answerOf(context, await lookAtSchedules(installation, policy, { rehearsed, said: at ?? settings.at }));
  });
}

async function answerOf(
  context: SchedulesContext,
  { at, schedules: shown, next: runs, mend }: ShownSchedules,
): Promise<Answer> {
  const { tableLines, wrapped } = await import('../../kit/table.js');
  const { zone } = schedulesOf(context.policy);
  return {
    data: { at, zone, account: context.rehearsed ?? null, schedules: shown, next: runs },
    lines: [
      ...(shown.length > 0
        ? [
            ...tableLines(['schedule', 'state', 'next, UK (UTC)', 'ran', 'missed', 'note'], shown.map(scheduleRow), {
              box: 'always',
            }),
            '',
          ]
        : wrapped('Nothing starts by itself: no account of the policy has clock: real. The times would be:')),
      ...tableLines(
        ['UK', 'New York', 'run', 'market'],
        runs.map((run) => runRow(run, shown)),
      ),
    ],
    next: mend === null ? 'make runs-last' : `trading-ops schedules ${mend}${accountFlag(context)}`,
  };
}

function scheduleRow({ scheduleId: id, state, asPolicy, next, taken, missed, note }: ShownSchedule): string[] {
  const words = state === 'paused' ? 'PAUSED' : state;
  return [
    id,
    asPolicy || state === 'not registered' ? words : `${words}, not as in the policy`,
    next === null ? '' : `${ukTime(next).slice(0, 16)} (${next.slice(11, 16)})`,
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
