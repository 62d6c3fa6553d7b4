import type { Client } from '@temporalio/client';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { tradingDayId } from '../src/contract/workflows.js';
import { withTemporal } from '../src/cli/kit/temporal.js';
import { connect } from '../src/db/connect.js';
import { asOfDate, tradingDayOf } from '../src/domain/calendar/calendar.js';
import type { Hands } from '../src/simulation/operator.js';
import { resolveAddresses } from '../src/runtime/addresses.js';
import { simulateDays } from '../src/simulation/run.js';
import { startBareWorker, type BareWorker } from './support/bare/start.js';
import { policyText, universeText } from './support/configuration.js';
import type { BenchContext } from './support/context.js';
import { openDropFolder, type DropFolder } from './support/drop-folder.js';
import { atMost, told, type Figure } from './support/figures.js';
import { activityGroups } from './support/shape.js';
import { median, medianRatio, timed, type Pair } from './support/statistics.js';
import { createWorld } from './support/world.js';

const RUN_MAX = 2;
const HISTORY_SESSIONS = 756;
const WARM_UP_DAYS = 12;
/** 32 sessions: the first imports three years, eleven more warm up, twenty are measured. */
const [FROM, TO] = ['2015-11-16', '2015-12-31'];

type Slot = '0800' | '1400';

/** What was measured of one slot. */
interface Measured {
  /** Activities side by side, group after group, as the history of our own run has them. */
  shape: number[];
  pairs: Pair[];
}

/**
 * The daily runs as they are on every day after the first: each morning one new bar in each of 22 files of three years, each
 * afternoon on a reconciled day with all gates, scoring and sizing. Beside each run a workflow of as many no-op activities.
 */
export async function run(context: BenchContext): Promise<Figure[]> {
  const drop = openDropFolder(context.root);
  context.say(`08:00 and 14:00 runs on ${drop.kind}, ${FROM} to ${TO}`);
  const stack = await context.createStack({
    policy: policyText(HISTORY_SESSIONS),
    universe: universeText(drop.stocks, drop.benchmarks),
  });
  const folder = join(stack.dataDir, 'data', 'drop');
  mkdirSync(folder, { recursive: true });
  await stack.startWorker();
  const bare = await startBareWorker(stack);
  try {
    const measured = await withTemporal(stack.settings, async (client) => {
      const world = await createWorld({ stack, client, marketFolder: drop.whole, from: FROM, to: TO });
      const owner = connect(resolveAddresses(stack.settings).ownerDatabaseUrl, 1);
      const settle = async () => void (await owner.raw('vacuum analyze'));
      const { hands, results } = measuring({ hands: world.hands, client, bare, drop, folder, settle });
      const days = await simulateDays({ ...world, hands }).finally(() =>
        Promise.all([world.db.destroy(), owner.destroy()]),
      );
      context.say(
        `tickets: ${days.filter(({ kind }) => kind === 'TRADE').length} TRADE, ${days.filter(({ kind }) => kind === 'NO_TRADE').length} NO_TRADE`,
      );
      return results;
    });
    return (['0800', '1400'] as const).flatMap((slot) => figuresOf(slot, measured[slot], context));
  } finally {
    await bare.stop();
  }
}

/** The simulated operator's hands with a stop-watch: each run is timed, and beside it, before or after in turns, a bare one. */
function measuring({
  hands,
  client,
  bare,
  drop,
  folder,
  settle,
}: {
  hands: Hands;
  client: Client;
  bare: BareWorker;
  drop: DropFolder;
  folder: string;
  /** What Postgres does by itself between two days, for which these follow each other too closely. */
  settle(): Promise<void>;
}) {
  const results: Record<Slot, Measured> = { '0800': { shape: [], pairs: [] }, '1400': { shape: [], pairs: [] } };
  let day = 0;
  const measured: Hands = {
    ...hands,
    async run(slot, at) {
      const tradingDay = tradingDayOf(at);
      if (slot === '0800') {
        drop.growTo(folder, asOfDate(tradingDay));
        day += 1;
        if (day === WARM_UP_DAYS + 1) await settle();
      }
      const result = results[slot];
      const bareRun = () => timed(() => bare.run(client, result.shape));
      const before = day % 2 === 0 ? await bareRun() : null;
      const from = Date.now();
      const began = performance.now();
      const reply = await hands.run(slot, at);
      const ours = performance.now() - began;
      if (day <= WARM_UP_DAYS) result.shape = await shapeOf(client, slot, at, { from, to: Date.now() });
      const other = before ?? (await bareRun());
      if (day > WARM_UP_DAYS) result.pairs.push({ ours, other });
      return reply;
    },
  };
  return { hands: measured, results };
}

/** The run's own activities; in the afternoon those of the trading day too, for the run waits for its ticket. */
async function shapeOf(
  client: Client,
  slot: Slot,
  at: string,
  within: { from: number; to: number },
): Promise<number[]> {
  const second = new Date(at).toISOString().replace(/\.\d+Z$/, 'Z');
  const own = await activityGroups(client, `${slot === '0800' ? 'morning' : 'afternoon'}-run/main-${second}`);
  const ofDay = slot === '1400' ? await activityGroups(client, tradingDayId('main', tradingDayOf(at)), within) : [];
  return [...own, ...ofDay].toSorted((a, b) => a.at - b.at).map(({ width }) => width);
}

function figuresOf(slot: Slot, { shape, pairs }: Measured, { say }: BenchContext): Figure[] {
  say(
    `${slot}: ${pairs.length} pairs, each with ${shape.reduce((sum, width) => sum + width, 0)} activities (${shape.join(', ')})`,
  );
  return [
    atMost(`runs: ${slot} run / bare workflow`, medianRatio(pairs), 'x', RUN_MAX),
    told(`runs: ${slot} run`, median(pairs.map(({ ours }) => ours)), 'ms'),
    told(`runs: bare workflow beside ${slot}`, median(pairs.map(({ other }) => other)), 'ms'),
  ];
}
