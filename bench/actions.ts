import type { Client } from '@temporalio/client';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { SCHEDULES, type ScheduleEntry } from '../src/operations/schedules/list.js';
import { tradingDayId } from '../src/contract/workflows.js';
import { withTemporal } from '../src/cli/kit/temporal.js';
import { addSessions, asOfDate, tradingDayOf } from '../src/domain/calendar/calendar.js';
import { dateOf, dayNumber } from '../src/domain/dates.js';
import { parsePolicy, type Policy } from '../src/domain/policy/policy.js';
import type { Instant, IsoDate } from '../src/domain/types.js';
import type { Hands } from '../src/simulation/operator.js';
import { simulateDays, type SimulatedDay } from '../src/simulation/run.js';
import { startWorkerHere } from '../test/support/worker-here.js';
import { policyText, universeText } from './support/configuration.js';
import type { BenchContext } from './support/context.js';
import { BENCHMARKS, generate, growing, STOCKS } from './support/drop-folder.js';
import { atMost, told, type Figure } from './support/figures.js';
import { actionsOf, inWords, summed, total, type ActionCount } from './support/temporal-actions.js';
import { createWorld } from './support/world.js';

const ACTIONS_MAX = 40;
const HISTORY_SESSIONS = 70;
const DAYS = 4;
/** A schedule that fires costs two actions beside the start of its workflow, which is in the workflow's history. */
const SCHEDULE_FIRE = 2;

/**
 * Temporal actions of a day, counted from the histories of real ones: days of an account on the real clock, so that
 * deadlines are timers, in the near future, so that none of them passes; the worker's clock is put to each
 * instant. Of each schedule what it costs to fire is added.
 */
export async function run(context: BenchContext): Promise<Figure[]> {
  const from = addSessions(dateOf(dayNumber(new Date().toISOString().slice(0, 10)) + 10), 1);
  const to = addSessions(from, DAYS - 1);
  const whole = generate(join(context.root, 'generated'), addSessions(from, -2 * HISTORY_SESSIONS), to);
  const text = policyText(HISTORY_SESSIONS)
    .replace('clock: simulated', 'clock: real')
    .replace('at_close: false', 'at_close: true');
  const stack = await context.createStack({ policy: text, universe: universeText(STOCKS, BENCHMARKS) });
  const folder = join(stack.dataDir, 'data', 'drop');
  mkdirSync(folder, { recursive: true });
  let now: Instant = new Date().toISOString();
  const worker = await startWorkerHere(stack, { now: () => now });
  const measured = withTemporal(stack.settings, async (client) => {
    const growTo = growing(whole);
    const world = await createWorld({ stack, client, marketFolder: whole, from, to, now: () => now });
    const hands = {
      ...world.hands,
      run: (slot: '0800' | '1400', at: Instant) => {
        now = at;
        if (slot === '0800') growTo(folder, asOfDate(tradingDayOf(at)));
        return world.hands.run(slot, at);
      },
      reconcile: (day: IsoDate, snapshot: Parameters<Hands['reconcile']>[1]) => {
        now = snapshot.at;
        return world.hands.reconcile(day, snapshot);
      },
      confirm: (day: IsoDate, answer: Parameters<Hands['confirm']>[1]) => {
        now = answer.at;
        return world.hands.confirm(day, answer);
      },
    };
    const began = new Date();
    const days = await simulateDays({ ...world, hands }).finally(() => world.db.destroy());
    const measured = days.findLast(({ kind }) => kind === 'TRADE') ?? (days.at(-1) as SimulatedDay);
    return figuresOf(
      client,
      parsePolicy(text, 'policy.yml'),
      measured,
      { began, taskQueue: stack.settings.taskQueue },
      context,
    );
  });
  return measured.finally(() => worker.stop());
}

interface Measured {
  began: Date;
  taskQueue: string;
}

async function figuresOf(
  client: Client,
  policy: Policy,
  day: SimulatedDay,
  measured: Measured,
  { say }: BenchContext,
): Promise<Figure[]> {
  const own = await workflowsOf(client, day.tradingDay, measured);
  const runs = SCHEDULES.filter(({ isRun }) => isRun).length;
  const parts = new Map<string, ActionCount>(own.map(({ workflowId, count }) => [workflowId, count]));
  parts.set('the schedules of the two runs', { 'schedule fires': runs * SCHEDULE_FIRE });
  const others = SCHEDULES.filter(({ isRun }) => !isRun);
  const once = new Map<string, ActionCount>();
  for (const entry of others)
    once.set(entry.id, summed([await countOf(client, entry, measured.taskQueue), { 'schedule fires': SCHEDULE_FIRE }]));
  for (const entry of others.filter((other) => firesADay(other, policy) === 1))
    parts.set(`${entry.id}, once a day`, once.get(entry.id) as ActionCount);
  for (const [name, count] of parts) say(`${name}: ${inWords(count)}`);
  const business = summed([...parts.values()]);
  say(`${day.kind} of ${day.tradingDay} with ${day.fills.length} fills, all together ${inWords(business)}`);
  const hourly = others
    .filter((other) => firesADay(other, policy) > 1)
    .map((entry) => ({
      id: entry.id,
      actions: total(once.get(entry.id) as ActionCount),
      fires: firesADay(entry, policy),
    }));
  for (const { id, actions, fires } of hourly)
    say(`${id}: ${inWords(once.get(id) as ActionCount)}, ${fires} times a day: ${actions * fires}`);
  const aside = hourly.reduce((sum, { actions, fires }) => sum + actions * fires, 0);
  return [
    atMost(
      `actions: a trading day (${day.kind}), from its two runs to its backup`,
      total(business),
      'actions',
      ACTIONS_MAX,
    ),
    ...hourly.map(({ id, actions, fires }) =>
      told(`actions: ${id}, ${fires} times ${actions}`, actions * fires, 'actions'),
    ),
    told('actions: everything of that day', total(business) + aside, 'actions'),
  ];
}

const firesADay = (entry: ScheduleEntry, policy: Policy): number => entry.times(policy).hours?.length ?? 24;

/** Everything that ran for a day: its own workflow, its runs, and what they started (a backup at close-out). */
async function workflowsOf(
  client: Client,
  day: IsoDate,
  { began }: Measured,
): Promise<{ workflowId: string; count: ActionCount }[]> {
  const ours: { workflowId: string; runId: string; start: Date; close: Date }[] = [];
  await untilNoneRuns(client);
  for await (const { workflowId, runId, startTime, closeTime } of client.workflow.list({
    query: `StartTime >= '${began.toISOString()}'`,
  })) {
    ours.push({ workflowId, runId, start: startTime, close: closeTime ?? new Date() });
  }
  const opened = ours.find(({ workflowId }) => workflowId === tradingDayId('main', day));
  if (!opened)
    throw new Error(`the day ${day} has left no workflow: ${ours.map(({ workflowId }) => workflowId).join(', ')}`);
  // Days follow each other: what neither names a day nor began within this one's is of another.
  const within = ({ start, workflowId }: (typeof ours)[number]) =>
    /\d{4}-\d\d-\d\d/.test(workflowId) && !/backup/.test(workflowId)
      ? workflowId.includes(day)
      : start >= opened.start && start <= new Date(opened.close.getTime() + 1_000);
  const mine = ours.filter((workflow) => !/^(watch|temporal-sys)/.test(workflow.workflowId) && within(workflow));
  return Promise.all(
    mine.map(async ({ workflowId, runId }) => ({ workflowId, count: await actionsOf(client, workflowId, runId) })),
  );
}

/** Visibility follows with a little delay, and a day may have left something under way. */
async function untilNoneRuns(client: Client): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (Date.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 500));
    const { count } = await client.workflow.count(
      `ExecutionStatus = 'Running' AND WorkflowType != 'temporal-sys-scheduler-workflow'`,
    );
    if (count === 0) return;
  }
  throw new Error('something still runs 30 s after the last day');
}

/** What one execution of a schedule's workflow costs. */
async function countOf(client: Client, entry: ScheduleEntry, taskQueue: string): Promise<ActionCount> {
  const workflowId = `bench-${entry.id}`;
  await client.workflow.execute(entry.workflow, { workflowId, taskQueue, args: entry.args([]) });
  return actionsOf(client, workflowId);
}
