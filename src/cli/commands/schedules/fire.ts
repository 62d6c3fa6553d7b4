import type { ScheduleHandle } from '@temporalio/client';
import type { Command } from 'commander';
import { setTimeout as delay } from 'node:timers/promises';
import type { ScheduleEntry } from '../../../operations/schedules/list.js';
import { entriesNamed, registeredSchedule } from '../../../operations/schedules/registered.js';
import { dateOf, dayNumber, isIsoDate, weekdayOf } from '../../../domain/dates.js';
import { faultError, usageError } from '../../../domain/errors.js';
import { schedulesOf, slotInstant } from '../../../domain/day/schedule-times.js';
import type { Instant, IsoDate, Slot } from '../../../domain/types.js';
import type { RunReply } from '../../../contract/runs.js';
import { withProgress } from '../../kit/progress.js';
import { withSchedules, type SchedulesContext } from './context.js';
import { requireWorker } from '../../kit/temporal.js';
import { bounded } from '../../../domain/text.js';

const FRIDAY = 5;
const OF_DATES = { remedy: 'trading-ops schedules backfill --from YYYY-MM-DD --to YYYY-MM-DD' };
const POLL_MS = 50;
/** How long the server may take to start what a schedule was asked for. */
const STARTED_MAX_MS = 20_000;

/** Starts one schedule's work now; of a run it waits for the outcome. */
export async function triggerSchedule(name: string, command: Command): Promise<void> {
  await withSchedules(command, async (context) => {
    const entry = entriesNamed([name])[0] as ScheduleEntry;
    const handle = await registeredSchedule(context.client, entry, context.account?.account);
    await requireWorker(context.client, context);
    const started = await startedBy(handle, () => handle.trigger('ALLOW_ALL'));
    if (!entry.isRun)
      return { data: started, lines: [`${started.workflowId} has started.`], next: 'trading-ops schedules show' };
    const reply = await withProgress(`Waiting for ${started.workflowId}`, () => resultOf(context, started));
    return { data: reply, lines: [`${started.workflowId}: ${reply.outcome}`, reply.summary], next: 'make runs-last' };
  });
}

/** Makes up for the runs of past days in their order, each when the one before has ended. */
export async function backfillSchedules(
  flags: { from: string; to?: string; slot?: string },
  command: Command,
): Promise<void> {
  await withSchedules(command, async (context) => {
    const wanted = slotsOf(flags, context);
    const registered = (name: string) =>
      registeredSchedule(context.client, entriesNamed([name])[0] as ScheduleEntry, context.account?.account);
    const handles = { '0800': await registered('0800'), '1400': await registered('1400') };
    await requireWorker(context.client, context);
    const runs: (RunReply & { slot: Slot; at: Instant })[] = [];
    for (const { slot, at } of wanted) {
      const time = new Date(at);
      const reply = await withProgress(`Making up for ${slot} of ${at}`, async () =>
        resultOf(
          context,
          await startedBy(
            handles[slot],
            () => handles[slot].backfill({ start: time, end: time, overlap: 'ALLOW_ALL' }),
            time,
          ),
        ),
      );
      runs.push({ slot, at, ...reply });
    }
    return {
      data: runs,
      lines:
        runs.length > 0
          ? runs.map(({ slot, tradingDay, outcome, summary }) => `${tradingDay} ${slot}: ${outcome}: ${summary}`)
          : ['No run is due from Monday to Friday in these days.'],
      next: 'make runs-last',
    };
  });
}

function slotsOf(
  { from, to = from, slot }: { from: string; to?: string; slot?: string },
  { policy, account }: SchedulesContext,
): { slot: Slot; at: Instant }[] {
  const [first, last] = [dateFlag('from', from), dateFlag('to', to)];
  if (last < first)
    throw usageError('DATE_INVALID', `to: ${bounded(to)}: must not be before --from, ${bounded(from)}`, OF_DATES);
  if (slot !== undefined && slot !== '0800' && slot !== '1400')
    throw usageError('ARGUMENT_INVALID', `slot: ${bounded(slot)}: must be 0800 or 1400`);
  const days = Array.from(
    { length: dayNumber(last) - dayNumber(first) + 1 },
    (_, index) => dayNumber(first) + index,
  ).filter((day) => weekdayOf(day) <= FRIDAY);
  const slots = days.flatMap((day) =>
    (['0800', '1400'] as const)
      .filter((one) => slot === undefined || one === slot)
      .map((one) => ({ slot: one, at: slotInstant(schedulesOf(policy), dateOf(day), one) })),
  );
  const future = account ? undefined : slots.find(({ at }) => Date.parse(at) > Date.now());
  if (future)
    throw usageError(
      'AT_IN_FUTURE',
      `to: ${bounded(to)}: the ${future.slot} run of ${future.at} is still to come; only past runs are made up for`,
    );
  return slots;
}

function dateFlag(name: string, text: string): IsoDate {
  if (isIsoDate(text)) return text;
  throw usageError('DATE_INVALID', `${name}: ${bounded(text)}: must be a date YYYY-MM-DD`, OF_DATES);
}

interface Started {
  workflowId: string;
  runId: string;
}

/** Has a schedule act and finds the workflow that it started; `scheduledAt` when that is known. */
async function startedBy(handle: ScheduleHandle, act: () => Promise<void>, scheduledAt?: Date): Promise<Started> {
  const actions = async () => (await handle.describe()).info.recentActions;
  const before = new Set((await actions()).map(({ action }) => action.workflow.firstExecutionRunId));
  await act();
  for (const deadline = Date.now() + STARTED_MAX_MS; Date.now() < deadline; await delay(POLL_MS)) {
    const found = (await actions()).find(
      ({ action, scheduledAt: at }) =>
        !before.has(action.workflow.firstExecutionRunId) &&
        (scheduledAt === undefined || at.getTime() === scheduledAt.getTime()),
    );
    if (found)
      return { workflowId: found.action.workflow.workflowId, runId: found.action.workflow.firstExecutionRunId };
  }
  throw faultError(
    'SCHEDULE_DID_NOT_START',
    `${handle.scheduleId} was asked to act, and nothing started within ${STARTED_MAX_MS / 1000} s; a run of that instant may be under way`,
    {
      remedy: 'make runs-last',
    },
  );
}

const resultOf = async ({ client }: SchedulesContext, { workflowId, runId }: Started): Promise<RunReply> =>
  (await client.workflow.getHandle(workflowId, runId).result()) as RunReply;
