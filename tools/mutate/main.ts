import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Command, InvalidArgumentError } from 'commander';
import { instrument, type Mutant } from './instrument.js';
import { DIRECTORY, linesOf, planFile, say, type Plan } from './plan.js';
import { judge, needless, sampled, score, scores, type Accepted, type Judged, type Score } from './result.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');
const SURVIVORS = path.join(ROOT, 'tools/mutate/survivors.json');
const ROOMS = ['decision', 'ledger', 'confirmation', 'reconciliation'].map((room) => `src/domain/${room}`);

interface Options {
  bar: number;
  sample?: number;
  seed: number;
  workers: number;
  patience: number;
  limit: number;
}

const number = (text: string): number => {
  if (!/^\d+(\.\d+)?$/.test(text)) throw new InvalidArgumentError('a number is expected');
  return Number(text);
};

const command = new Command('mutate')
  .description(
    'Changes rules one at a time and sees whether a unit test fails. Survivors are places that no test holds.',
  )
  .argument('[paths...]', 'files or directories', ROOMS)
  .option('--bar <percent>', 'exit 1 when a path is noticed less than this', number, 90)
  .option('--sample <mutants>', 'try only so many, chosen by --seed', number)
  .option('--seed <n>', 'which ones', number, 2014)
  .option('--workers <n>', 'test files at a time, at most 2', number, 1)
  .option('--patience <seconds>', 'a mutant that takes longer hangs, and is noticed', number, 30)
  .option('--limit <minutes>', 'give up after this, exit 2', number, 60)
  .action(mutate);

await command.parseAsync();

async function mutate(paths: string[], options: Options): Promise<void> {
  const directory = mkdtempSync(path.join(tmpdir(), 'mutate-'));
  try {
    const plan = planOf(paths, options);
    writeFileSync(planFile(directory), JSON.stringify(plan));
    await examine(directory, Object.keys(plan.sources), options);
    process.exitCode = report(paths, plan, directory, options);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function planOf(paths: readonly string[], { sample, seed }: Options): Plan {
  const sources: Record<string, string> = {};
  const mutants: Mutant[] = [];
  for (const file of paths.flatMap(filesOf)) {
    const instrumented = instrument(file, readFileSync(path.join(ROOT, file), 'utf8'), mutants.length);
    sources[file] = instrumented.text;
    mutants.push(...instrumented.mutants);
  }
  return { root: ROOT, sources, mutants: sample === undefined ? mutants : sampled(mutants, sample, seed) };
}

function filesOf(given: string): string[] {
  const from = path.relative(ROOT, path.resolve(given)).split(path.sep).join('/');
  if (statSync(path.join(ROOT, from)).isFile()) return [from];
  const files = readdirSync(path.join(ROOT, from), { recursive: true, encoding: 'utf8' });
  return files
    .filter((file) => file.endsWith('.ts'))
    .toSorted()
    .map((file) => `${from}/${file.split(path.sep).join('/')}`);
}

/** Runs the tests' process until every file is done; one that hangs on a mutant is ended, the mutant noticed, and it goes on. */
async function examine(directory: string, files: readonly string[], options: Options): Promise<void> {
  const end = performance.now() + options.limit * 60_000;
  while (await hung(directory, files, options, end)) {
    const last = linesOf(directory).findLast((line) => line.kind === 'try');
    if (last === undefined) throw new Error('the tests hang before the first mutant');
    say(directory, { kind: 'noticed', mutant: last.mutant, file: last.file, by: '(it does not end)' });
  }
}

/** @returns true when the process was ended because nothing was said for longer than a mutant may take. */
async function hung(directory: string, files: readonly string[], options: Options, end: number): Promise<boolean> {
  const child = start(directory, files, options);
  let [said, since] = [-1, performance.now()];
  while (child.exitCode === null && child.signalCode === null) {
    await wait(200);
    const lines = linesOf(directory);
    if (lines.length !== said) [said, since] = [lines.length, performance.now()];
    if (performance.now() > end) {
      stop(child);
      throw new Error(`not done after ${options.limit} minutes`);
    }
    if (lines.at(-1)?.kind === 'try' && performance.now() - since > options.patience * 1000) {
      stop(child);
      return true;
    }
  }
  return false;
}

function start(directory: string, files: readonly string[], { workers }: Options): ChildProcess {
  const args = [
    'related',
    ...files.map((file) => path.join(ROOT, file)),
    '--run',
    '--config',
    path.join(ROOT, 'tools/mutate/vitest.config.ts'),
    '--maxWorkers',
    String(Math.min(2, workers)),
    '--passWithNoTests',
  ];
  // A group of its own, so that its workers end with it.
  return spawn(process.execPath, [path.join(ROOT, 'node_modules/vitest/vitest.mjs'), ...args], {
    cwd: ROOT,
    detached: true,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, [DIRECTORY]: directory, CI: '1' },
  });
}

function stop(child: ChildProcess): void {
  if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
}

function report(paths: readonly string[], plan: Plan, directory: string, { bar, sample }: Options): number {
  const lines = linesOf(directory);
  const broken = lines.flatMap((line) => (line.kind === 'broken' ? [`${line.file}: ${line.test}: ${line.error}`] : []));
  if (broken.length > 0) {
    console.error(`Tests that fail without a mutant:\n  ${broken.join('\n  ')}`);
    return 2;
  }
  const accepted = JSON.parse(readFileSync(SURVIVORS, 'utf8')) as Accepted[];
  const judged = judge(plan.mutants, lines, accepted);
  printSurvivors(judged);
  const roomOf = ({ file }: Mutant) =>
    paths.find((given) => file.startsWith(path.relative(ROOT, path.resolve(given)))) ?? file;
  const rooms = scores(judged, roomOf);
  printScores([...scores(judged, ({ file }) => file), ...rooms, score('all', judged)]);
  const stale =
    sample === undefined
      ? needless(
          accepted.filter(({ file }) => file in plan.sources),
          judged,
        )
      : [];
  for (const { file, code, change } of stale)
    console.log(`survivors.json excuses what is noticed or gone: ${file}: ${change}: ${code}`);
  return stale.length > 0 || rooms.some(({ percent }) => percent < bar) ? 1 : 0;
}

function printSurvivors(judged: readonly Judged[]): void {
  for (const { file, line, change, code, original, fate, reason } of judged) {
    if (fate === 'noticed' || reason !== null) continue;
    console.log(`${file}:${line}: ${fate}: ${change}`);
    console.log(`  ${JSON.stringify({ file, code, change, original, reason: '' })}`);
  }
}

function printScores(all: readonly Score[]): void {
  const width = Math.max(...all.map(({ name }) => name.length));
  console.log(`\n${'where'.padEnd(width)}  mutants  noticed  survived  of these accepted  noticed`);
  for (const { name, mutants, noticed, accepted, percent } of all) {
    console.log(
      `${name.padEnd(width)}  ${String(mutants).padStart(7)}  ${String(noticed).padStart(7)}  ${String(mutants - noticed).padStart(8)}` +
        `  ${String(accepted).padStart(17)}  ${percent.toFixed(1).padStart(5)} %`,
    );
  }
}
