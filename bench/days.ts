import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { withTemporal } from '../src/cli/kit/temporal.js';
import { addSessions } from '../src/domain/calendar/calendar.js';
import type { Hands } from '../src/simulation/operator.js';
import { simulateDays, type SimulatedDay } from '../src/simulation/run.js';
import { policyText, universeText } from './support/configuration.js';
import type { BenchContext } from './support/context.js';
import { openDropFolder } from './support/drop-folder.js';
import { atMost, told, type Figure } from './support/figures.js';
import { residentMb } from './support/memory.js';
import { median, quantile } from './support/statistics.js';
import { createWorld } from './support/world.js';

const DAYS = 200;
const MEMORY_MAX_MB = 350;
/** Signed by whoever answers, verified where it is booked. */
const CONFIRM_MAX_MS = 80;
const HISTORY_SESSIONS = 300;
/** GOOGL's distribution of 2014-04-03 has left the lookback by then, so that the days before V's split of 2015 all may trade. */
const FROM = '2014-08-01';

/**
 * 200 days one after another through the workflows of a real day, with fills on most of them: the worker's memory at the
 * end, and how long the operator waits from sending the fills to hearing that they are booked.
 */
export async function run(context: BenchContext): Promise<Figure[]> {
  const drop = openDropFolder(context.root);
  const to = addSessions(FROM, DAYS - 1);
  context.say(`${DAYS} days on ${drop.kind}, ${FROM} to ${to}`);
  const stack = await context.createStack({
    policy: policyText(HISTORY_SESSIONS),
    universe: universeText(drop.stocks, drop.benchmarks),
  });
  const folder = join(stack.dataDir, 'data', 'drop');
  mkdirSync(folder, { recursive: true });
  drop.growTo(folder, to);
  const worker = await stack.startWorker();
  const before = residentMb(worker);
  const waits: number[] = [];
  const days = await withTemporal(stack.settings, async (client) => {
    const world = await createWorld({ stack, client, marketFolder: drop.whole, from: FROM, to });
    const onDay = tellEvery(50, worker, context);
    return simulateDays({ ...world, hands: timing(world.hands, waits), onDay }).finally(() => world.db.destroy());
  });
  context.say(`${waits.length} confirmations with fills, ${days.length - waits.length} acknowledgements of NO_TRADE`);
  return [
    atMost(`days: worker's memory after ${days.length} days`, residentMb(worker), 'MB', MEMORY_MAX_MB),
    told("days: worker's memory before the first", before, 'MB'),
    told("days: worker's memory at its highest", residentMb(worker, 'VmHWM'), 'MB'),
    atMost('days: confirmation sent to booked, p50', median(waits), 'ms', CONFIRM_MAX_MS),
    told('days: confirmation sent to booked, p99', quantile(waits, 0.99), 'ms'),
    told('days: a whole day', median(days.map(({ milliseconds }) => milliseconds)), 'ms'),
  ];
}

/** The simulated operator's hands, with a stop-watch on every confirmation that has fills to book. */
const timing = (hands: Hands, waits: number[]): Hands => ({
  ...hands,
  async confirm(tradingDay, answer) {
    const began = performance.now();
    const reply = await hands.confirm(tradingDay, answer);
    if (reply.status === 'BOOKED') waits.push(performance.now() - began);
    return reply;
  },
});

function tellEvery(count: number, worker: number, { say }: BenchContext): (day: SimulatedDay) => void {
  let done = 0;
  return ({ tradingDay }) => {
    if (++done % count === 0) say(`${tradingDay}: day ${done}, ${residentMb(worker).toFixed(0)} MB`);
  };
}
