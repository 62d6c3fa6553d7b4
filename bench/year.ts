import { readdirSync, statSync, mkdirSync } from 'node:fs';
import type { Client } from '@temporalio/client';
import type { Knex } from 'knex';
import { join } from 'node:path';
import { tradingDayId } from '../src/contract/workflows.js';
import { withTemporal } from '../src/cli/kit/temporal.js';
import { addSessions, asOfDate, slotAt, tradingDayOf } from '../src/domain/calendar/calendar.js';
import type { IsoDate } from '../src/domain/types.js';
import type { Hands } from '../src/simulation/operator.js';
import { simulateDays } from '../src/simulation/run.js';
import { auditFigures } from './support/audit-year.js';
import { startBareWorker } from './support/bare/start.js';
import { policyText, universeText } from './support/configuration.js';
import type { BenchContext } from './support/context.js';
import { BENCHMARKS, generate, growing, STOCKS } from './support/drop-folder.js';
import { atMost, told, type Figure } from './support/figures.js';
import { activityTimes } from './support/shape.js';
import { median, timed } from './support/statistics.js';
import { createWorld } from './support/world.js';

const DAYS = 252;
const HISTORY_SESSIONS = 300;
/** Prices from 2013-01-02 on: the first day imports a year and a half. */
const FROM = '2014-08-01';
/** The first days import history and warm everything up; from then on a day should cost what every day costs. */
const WARM_UP_DAYS = 10;
const COMPARED_DAYS = 20;
const GROWTH_MAX = 1.2;
/** About as many activities, one after another, as a run has: what the machine can do at the moment. */
const BARE_SHAPE = [1, 1, 1, 1, 1, 1];

/** What one day took of the system, and what a bare workflow took right beside it, milliseconds. */
interface DayCost {
  ours: number;
  bare: number;
  /** Of ours, what each kind of activity took. */
  steps: Map<string, number>;
}

/**
 * A year of trading days, one after another: what a day adds to the database and to the disk, and whether a day costs the same
 * at the end as at the beginning. Beside each day a workflow of no-op activities is timed, so that what else the machine
 * does in those minutes falls out. The series are generated, without splits, so that every day has the same work to do.
 */
export async function run(context: BenchContext): Promise<Figure[]> {
  const to = addSessions(FROM, DAYS - 1);
  const whole = generate(join(context.root, 'generated'), '2013-01-02', to);
  context.say(`${DAYS} days on generated series of 22 symbols, ${FROM} to ${to}`);
  const stack = await context.createStack({
    policy: policyText(HISTORY_SESSIONS),
    universe: universeText(STOCKS, BENCHMARKS),
  });
  mkdirSync(join(stack.dataDir, 'data', 'drop'), { recursive: true });
  await stack.startWorker();
  const bare = await startBareWorker(stack);
  try {
    return await withTemporal(stack.settings, async (client) => {
      const world = await createWorld({ stack, client, marketFolder: whole, from: FROM, to });
      const sizes = { atFirst: 0, database: 0 };
      const costs: DayCost[] = [];
      let cost = 0;
      const hands = costed(world.hands, growing(whole), join(stack.dataDir, 'data', 'drop'), (ms) => void (cost += ms));
      const bareRun = () => timed(() => bare.run(client, BARE_SHAPE));
      try {
        const days = await simulateDays({
          ...world,
          hands: {
            ...hands,
            closed: async (day) => {
              await hands.closed(day);
              costs.push({ ours: cost, bare: await bareRun(), steps: await stepsOf(client, day) });
              cost = 0;
              if (costs.length === WARM_UP_DAYS) sizes.atFirst = await databaseBytes(world.db);
              if (costs.length % 50 === 0)
                context.say(`${day}: day ${costs.length}, ${((await databaseBytes(world.db)) / 1e6).toFixed(0)} MB`);
            },
          },
        });
        sizes.database = await databaseBytes(world.db);
        context.say(
          `tickets: ${days.filter(({ kind }) => kind === 'TRADE').length} TRADE, ${days.filter(({ kind }) => kind === 'NO_TRADE').length} NO_TRADE; largest tables: ${await largestTables(world.db)}`,
        );
      } finally {
        await world.db.destroy();
      }
      sayWhatGrew(costs, context);
      return [...figuresOf(costs, sizes, stack.dataDir), ...(await auditFigures(stack))];
    });
  } finally {
    await bare.stop();
  }
}

async function stepsOf(client: Client, day: IsoDate): Promise<Map<string, number>> {
  const second = (slot: '0800' | '1400') => slotAt(day, slot).replace(/\.\d+Z$/, 'Z');
  const ids = [`morning-run/main-${second('0800')}`, tradingDayId('main', day), `afternoon-run/main-${second('1400')}`];
  const times = await Promise.all(ids.map((id) => activityTimes(client, id)));
  return new Map(times.flatMap((each) => [...each]));
}

/** Each kind of activity, first days and last days: what grows is found here. */
function sayWhatGrew(costs: readonly DayCost[], { say }: BenchContext): void {
  const [first, last] = [costs.slice(WARM_UP_DAYS, WARM_UP_DAYS + COMPARED_DAYS), costs.slice(-COMPARED_DAYS)];
  for (const name of costs.at(-1)?.steps.keys() ?? []) {
    const of = (days: readonly DayCost[]) => median(days.map(({ steps }) => steps.get(name) ?? 0)).toFixed(0);
    say(`${name}: ${of(first)} ms, at the end ${of(last)} ms`);
  }
}

/** The hands with a stop-watch on everything that the system does for it; the simulated broker's own work is not counted. */
function costed(hands: Hands, growTo: ReturnType<typeof growing>, folder: string, spend: (ms: number) => void): Hands {
  const measured = async <T>(work: () => Promise<T>): Promise<T> => {
    const began = performance.now();
    const result = await work();
    spend(performance.now() - began);
    return result;
  };
  return {
    ...hands,
    run: (slot, at) => {
      if (slot === '0800') growTo(folder, asOfDate(tradingDayOf(at)));
      return measured(() => hands.run(slot, at));
    },
    reconcile: (...asked) => measured(() => hands.reconcile(...asked)),
    confirm: (...asked) => measured(() => hands.confirm(...asked)),
    closed: (day) => measured(() => hands.closed(day)),
  };
}

function figuresOf(
  costs: readonly DayCost[],
  { atFirst, database }: { atFirst: number; database: number },
  dataDir: string,
): Figure[] {
  const steady = costs.slice(WARM_UP_DAYS);
  const [first, last] = [steady.slice(0, COMPARED_DAYS), steady.slice(-COMPARED_DAYS)];
  const relative = (days: readonly DayCost[]) => median(days.map(({ ours, bare }) => ours / bare));
  const middle = (days: readonly DayCost[], of: 'ours' | 'bare') => median(days.map((day) => day[of]));
  return [
    atMost(
      `year: a day's cost, last ${COMPARED_DAYS} days / first ${COMPARED_DAYS}`,
      relative(last) / relative(first),
      'x',
      GROWTH_MAX,
    ),
    told(`year: a day, first ${COMPARED_DAYS}`, middle(first, 'ours'), 'ms'),
    told(`year: a day, last ${COMPARED_DAYS}`, middle(last, 'ours'), 'ms'),
    told('year: the bare workflow, last / first', middle(last, 'bare') / middle(first, 'bare'), 'x'),
    told('year: Postgres, a day', (database - atFirst) / steady.length / 1e3, 'kB'),
    told('year: artifacts, a day', bytesBelow(join(dataDir, 'artifacts')) / costs.length / 1e3, 'kB'),
    told('year: raw answers kept, a day', bytesBelow(join(dataDir, 'data', 'market')) / costs.length / 1e3, 'kB'),
  ];
}

async function databaseBytes(db: Knex): Promise<number> {
  const { rows } = await db.raw<{ rows: { bytes: number }[] }>('select pg_database_size(current_database()) as bytes');
  return Number(rows[0]?.bytes);
}

async function largestTables(db: Knex): Promise<string> {
  const { rows } = await db.raw<{ rows: { name: string; bytes: number }[] }>(`
    select relname as name, pg_total_relation_size(oid) as bytes from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace order by 2 desc limit 5`);
  return rows.map(({ name, bytes }) => `${name} ${(Number(bytes) / 1e6).toFixed(1)} MB`).join(', ');
}

/** Bytes of every file below a directory, each once: the raw answers of a quiet day are links to those of the day before. */
function bytesBelow(directory: string): number {
  const seen = new Set<number>();
  let bytes = 0;
  for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const { ino, size } = statSync(join(entry.parentPath, entry.name));
    if (!seen.has(ino)) bytes += size;
    seen.add(ino);
  }
  return bytes;
}
