import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { SimulatedDay } from '../../src/simulation/run.js';
import { buildOnce } from '../../test/support/build.js';
import { makeRoot, removeRoot, sweepOldRoots } from '../../test/support/servers.js';
import { wordsOf, type PlannedFault } from './kinds.js';
import { playLife, type Failure, type LifeChoices, type LifeResult } from './life.js';
import { DAYS_A_LIFE, lifeOfDay, planLife, type Life } from './plan.js';
import { clearLeftovers } from './disk.js';
import { buildOtherVersion } from './other-version.js';
import { shrink } from './shrink.js';
import { Stage } from './stage.js';

/** Lives after which a job begins with new servers: their files grow, and go with them. */
const LIVES_A_STAGE = 40;

export interface RunChoices {
  seed: number;
  days: number;
  jobs: number;
  /** Only the life of this day is played, up to it. */
  day?: number | undefined;
  /** Of it only the faults with these ids strike. */
  only?: readonly string[] | undefined;
  /** Only these kinds are planned. */
  kinds?: ReadonlySet<string> | undefined;
  /** Whether what fails is played again with fewer faults. */
  shrinks: boolean;
  /** Whether an earlier version of the code is built, whose worker joins some lives. */
  otherVersion: boolean;
  /** Stops at the first failure. */
  failFast: boolean;
  say(line: string): void;
  /** When it is, no further life begins. */
  isOver?(): boolean;
  /** Where the result is written, after each life. */
  file: string | null;
}

/** A failure with what it takes to see it again. */
export interface Found extends Failure {
  seed: number;
  /** The fewest faults with which it fails alike. */
  faults: { id: string; words: string }[];
  /** Whether playing those again failed alike; otherwise all that struck are named. */
  isReproduced: boolean;
  command: string;
}

export interface RunResult {
  seed: number;
  days: number;
  outcomes: Record<string, number>;
  /** Days that had a fault of a kind. */
  kinds: Record<string, number>;
  /** Faults planned in all. */
  faults: number;
  found: Found[];
  /** Workers that ended by themselves and were started again, each with its life and its last words. */
  endings: string[];
  seconds: number;
  jobs: number;
  /** Whether disks of their own could be mounted, to be filled. */
  disks: boolean;
}

/** Plays days by the thousand and tells what did not hold. */
export async function runFaults(choices: RunChoices): Promise<RunResult> {
  const began = performance.now();
  await clearLeftovers();
  await sweepOldRoots();
  await buildOnce();
  const otherVersion = choices.otherVersion ? await buildOtherVersion(choices.say) : null;
  const root = makeRoot();
  const numbers = livesOf(choices);
  const result: RunResult = {
    seed: choices.seed,
    days: 0,
    outcomes: {},
    kinds: {},
    faults: 0,
    found: [],
    endings: [],
    seconds: 0,
    jobs: choices.jobs,
    disks: true,
  };
  const job = async (job: number): Promise<void> => {
    for (let stages = 0; numbers.length > 0; stages++) {
      const stage = await Stage.open(join(root, `job-${job}-${stages}`), otherVersion);
      result.disks &&= Object.values(stage.disks).every(({ isOwn }) => isOwn);
      try {
        for (let lives = 0; lives < LIVES_A_STAGE; lives++) {
          const number = numbers.shift();
          if (number === undefined || choices.isOver?.()) return;
          await playNumber(stage, number, choices, result);
          result.seconds = Math.round((performance.now() - began) / 1_000);
          write(choices.file, result);
          if (choices.failFast && result.found.length > 0) numbers.length = 0;
        }
      } finally {
        await stage.close(result.found.length === 0);
      }
    }
  };
  const ended = await Promise.allSettled(
    Array.from({ length: Math.min(choices.jobs, numbers.length) }, (_, number) => job(number)),
  );
  for (const each of ended) if (each.status === 'rejected') choices.say(`A job ended early: ${String(each.reason)}`);
  await removeRoot(root).catch((error: unknown) => choices.say(`${root} is left: ${String(error)}`));
  for (const each of ended) if (each.status === 'rejected') throw each.reason as Error;
  result.seconds = Math.round((performance.now() - began) / 1_000);
  write(choices.file, result);
  return result;
}

const livesOf = ({ days, day }: RunChoices): number[] =>
  day === undefined ? Array.from({ length: Math.ceil(days / DAYS_A_LIFE) }, (_, life) => life) : [lifeOfDay(day)];

async function playNumber(stage: Stage, number: number, choices: RunChoices, result: RunResult): Promise<void> {
  const life = planLife(choices.seed, number, choices.kinds);
  const until = choices.day ?? choices.days;
  const played = await playLife(stage, life, { until, ...(choices.only && { only: new Set(choices.only) }) });
  count(life, played, result);
  const { failure } = played;
  const line = `life ${number}, days ${life.firstDay} to ${life.firstDay + played.days.length - 1}: ${played.milliseconds} ms${played.endings.length > 0 ? `, ${played.endings.length} restarts` : ''}`;
  if (failure === null) return choices.say(`${line}, all holds`);
  choices.say(`${line}\nFAILED on day ${failure.day} (${failure.tradingDay}): ${failure.message}`);
  const found = await reduce(stage, life, failure, choices);
  result.found.push(found);
  choices.say(textOf(found));
}

/** The same life again with fewer faults, until none can be left out. */
async function reduce(stage: Stage, life: Life, failure: Failure, choices: RunChoices): Promise<Found> {
  const struck = life.faults.filter(
    ({ id, day }) => day <= failure.day && (choices.only === undefined || choices.only.includes(id)),
  );
  const idsOf = (some: readonly PlannedFault[]) => some.map(({ id }) => id);
  const fails = async (ids: readonly string[]): Promise<boolean> => {
    const again: LifeChoices = { until: failure.day, only: new Set(ids) };
    const { failure: other } = await playLife(stage, life, again);
    choices.say(`  with ${ids.join(', ') || 'no fault'}: ${other === null ? 'holds' : other.cause}`);
    return other?.cause === failure.cause;
  };
  const all = idsOf(struck);
  const isReproduced = choices.shrinks && (await fails(all));
  const kept = isReproduced
    ? (await shrink(all, idsOf(struck.filter(({ day }) => day === failure.day)), fails)).ids
    : all;
  const faults = struck.filter(({ id }) => kept.includes(id));
  return {
    ...failure,
    seed: choices.seed,
    faults: faults.map(({ id, fault }) => ({ id, words: wordsOf(fault) })),
    isReproduced,
    command: `make faults -- --seed ${choices.seed} --day ${failure.day} --only ${kept.join(',') || 'none'}`,
  };
}

/** A failure as a person reads it: what did not hold, the script, and how to see it again. */
export const textOf = (found: Found): string =>
  [
    `seed ${found.seed}, day ${found.day} (${found.tradingDay}): ${found.message}`,
    ...found.faults.map(({ id, words }) => `  ${id} ${words}`),
    ...(found.isReproduced ? [] : ['  (playing it again did not fail alike: these are all that struck)']),
    `again: ${found.command}`,
  ].join('\n');

function count(life: Life, { days, failure, endings }: LifeResult, result: RunResult): void {
  result.endings.push(...endings.map((ending) => `life ${life.number}: ${ending}`));
  const played = days.length + (failure === null ? 0 : 1);
  result.days += days.length;
  for (const day of days) add(result.outcomes, outcomeOf(day));
  const struck = life.faults.filter(({ day }) => day < life.firstDay + played);
  result.faults += struck.length;
  const kinds = new Set(struck.map(({ day, fault }) => `${day} ${fault.kind}`));
  for (const kind of kinds) add(result.kinds, kind.slice(kind.indexOf(' ') + 1));
}

const outcomeOf = ({ kind }: SimulatedDay): string => kind;

function add(counts: Record<string, number>, name: string): void {
  counts[name] = (counts[name] ?? 0) + 1;
}

function write(file: string | null, result: RunResult): void {
  if (file === null) return;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(result, null, 2)}\n`);
}
