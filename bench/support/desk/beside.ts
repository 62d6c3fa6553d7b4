import { setTimeout } from 'node:timers/promises';
import { withTemporal } from '../../../src/cli/kit/temporal.js';
import { readConfiguration } from '../../../src/operations/runs/configuration.js';
import { startRun } from '../../../src/operations/runs/start.js';
import { down, up } from '../../../src/runtime/stack.js';
import { signerOf } from '../../../test/support/signing.js';
import { OPERATOR } from '../configuration.js';
import { atMost, told, type Figure } from '../figures.js';
import type { BenchStack } from '../stack.js';
import { interleave, median, medianRatio, timed, type Pair } from '../statistics.js';
import type { Browser } from './browser.js';

/** What the desk may add to the start of an installation. */
const UP_MS = 1_000;
/** How much longer a run may take while somebody looks. */
const RUN_MAX = 1.1;
/** As often as a hand asks for a page; a program that asks without a pause is told beside it. */
const LOOK_EVERY_MS = 250;
/** An account that has booked nothing: what a run costs that has no years to value. */
export const EMPTY = 'beside';
/** How much longer a run may take over years of fills. */
const YEARS_MAX = 3;
const UPS = 4;
const RUNS = 10;

/** How much later worker and desk are up together than the worker alone, on servers that run already. */
export async function upFigures({ settings }: BenchStack): Promise<Figure[]> {
  const upWith = async (parts: readonly ('worker' | 'desk')[]) => {
    await down(settings, () => undefined, ['worker', 'desk']);
    const began = performance.now();
    await up(settings, () => undefined, { parts });
    return performance.now() - began;
  };
  const pairs: { both: number; alone: number }[] = [];
  for (let i = 0; i < UPS; i++) pairs.push({ alone: await upWith(['worker']), both: await upWith(['worker', 'desk']) });
  return [
    atMost('desk: `up` later by it', median(pairs.map(({ both, alone }) => both - alone)), 'ms', UP_MS),
    told('desk: `up` of the worker alone', median(pairs.map(({ alone }) => alone)), 'ms'),
  ];
}

/** A run that fetches, judges and values, alone and while somebody asks for a heavy page again and again, in turns. */
export async function besideRun(
  { settings }: BenchStack,
  { day, heavy }: { day: string; heavy: { browser: Browser; path: string } },
): Promise<Figure[]> {
  const { policy } = await readConfiguration(settings.configDir);
  let second = 0;
  const { looked, stormed, years } = await withTemporal(settings, async (client) => {
    const place = { client, taskQueue: settings.taskQueue, calendar: policy.calendar };
    const runOnce = async (account = 'main') => {
      second += 1;
      const at = new Date(Date.parse(`${day}T18:00:00Z`) + second * 1_000).toISOString();
      const input = { at, operator: OPERATOR, accounts: [account], full: false, dryRun: false };
      await startRun(place, signerOf(settings.dataDir), { slot: 'ops', account, input });
    };
    await runOnce();
    return {
      looked: await besideLooks(heavy, runOnce, LOOK_EVERY_MS),
      stormed: await besideLooks(heavy, runOnce, 0),
      years: await interleave(RUNS, runOnce, () => runOnce(EMPTY)),
    };
  });
  return [
    atMost('desk: a run over years of fills / over none', medianRatio(years), 'x', YEARS_MAX),
    atMost('desk: a run beside somebody at the ledger / alone', medianRatio(looked), 'x', RUN_MAX),
    told('desk: a run beside a program that asks for the ledger without a pause / alone', medianRatio(stormed), 'x'),
    told('desk: a run alone', median(looked.map(({ other }) => other)), 'ms'),
  ];
}

/**
 * Runs beside a page that is asked for again and again, and alone, in turns; the last page of each is waited for
 * outside of what is timed.
 * @param pauseMs from each answer to the next question
 */
async function besideLooks(
  { browser, path }: { browser: Browser; path: string },
  runOnce: () => Promise<unknown>,
  pauseMs: number,
): Promise<Pair[]> {
  const looked = async (): Promise<number> => {
    let isOver = false;
    const looking = (async () => {
      while (!isOver) {
        await browser.get(path);
        await setTimeout(pauseMs);
      }
    })();
    const took = await timed(runOnce);
    isOver = true;
    await looking;
    return took;
  };
  const pairs: Pair[] = [];
  for (let i = 0; i < RUNS; i++) {
    const first = i % 2 === 0 ? await looked() : await timed(runOnce);
    const second = i % 2 === 0 ? await timed(runOnce) : await looked();
    pairs.push(i % 2 === 0 ? { ours: first, other: second } : { ours: second, other: first });
  }
  return pairs;
}
