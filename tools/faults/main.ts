import { Command, InvalidArgumentError } from 'commander';
import { randomInt } from 'node:crypto';
import { argumentsOfMake } from '../../src/cli/kit/make-arguments.js';
import { ALL_KINDS } from './plan.js';
import { runFaults, type RunResult } from './run.js';

const DAYS = 2_000;
const FILE = '.build/faults/latest.json';

const whole = (text: string): number => {
  if (!/^\d+$/.test(text) || Number(text) === 0) throw new InvalidArgumentError('a whole number above 0 is expected');
  return Number(text);
};
const list = (text: string): string[] => (text === 'none' ? [] : text.split(','));
const kindsOf = (text: string): string[] => {
  const kinds = text.split(',');
  const wrong = kinds.find((kind) => !ALL_KINDS.includes(kind));
  if (wrong !== undefined) throw new InvalidArgumentError(`one of ${ALL_KINDS.join(', ')} is expected`);
  return kinds;
};

interface Options {
  days: number;
  seed?: number;
  jobs: number;
  day?: number;
  only?: string[];
  kinds?: string[];
  shrink: boolean;
  otherVersion: boolean;
  failFast: boolean;
  file: string;
}

const command = new Command('faults')
  .description('Plays trading days by the thousand while things fail, and checks after each that everything holds.')
  .option('--days <n>', 'how many days', whole, DAYS)
  .option('--seed <n>', 'which days (default: another each time; printed first)', whole)
  .option('--jobs <n>', 'stacks at once', whole, 2)
  .option('--day <n>', 'only the life of this day, up to it', whole)
  .option('--only <ids>', 'of that life only these faults, such as 137.1,137.2; none: no fault', list)
  .option('--kinds <kinds>', 'plan only faults of these kinds', kindsOf)
  .option('--no-shrink', 'do not look for the fewest faults that fail alike')
  .option('--no-other-version', 'do not build the earlier version of the code whose worker joins some lives')
  .option('--fail-fast', 'stop at the first day that fails', false)
  .option('--file <file>', 'where the result is written', FILE)
  .action(async (options: Options) => {
    const seed = options.seed ?? randomInt(1, 2 ** 31);
    say(`seed ${seed}`);
    const { days, jobs, day, only, kinds, failFast, file, shrink: shrinks, otherVersion } = options;
    const planned = kinds && { kinds: new Set(kinds) };
    const result = await runFaults({
      seed,
      days,
      jobs,
      day,
      only,
      ...planned,
      failFast,
      file,
      shrinks,
      otherVersion,
      say,
    });
    say(summaryOf(result));
    // What failed may have left calls that are tried again without end.
    process.exit(result.found.length === 0 ? 0 : 1);
  });

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

function summaryOf({ seed, days, outcomes, kinds, faults, found, endings, seconds, jobs, disks }: RunResult): string {
  const counted = (counts: Record<string, number>) =>
    Object.entries(counts)
      .toSorted(([, a], [, b]) => b - a)
      .map(([name, many]) => `${name} ${many}`)
      .join(', ');
  return [
    `${days} days, seed ${seed}, ${jobs} at once: ${seconds} s, ${Math.round((days / Math.max(1, seconds)) * 3_600)} days an hour`,
    `Outcomes: ${counted(outcomes)}`,
    `Faults: ${faults}. Days with a fault of a kind: ${counted(kinds)}`,
    `A worker ended by itself and was started again: ${endings.length}`,
    ...(disks ? [] : ['No disk of its own could be mounted (not root): no disk was full.']),
    found.length === 0 ? 'FAULTS_PASS: everything held after every day.' : `FAULTS_FAIL: ${found.length} days failed.`,
  ].join('\n');
}

const makePid = process.env['TRADING_OPS_MAKE_PID'];
delete process.env['TRADING_OPS_MAKE_PID'];
await command.parseAsync([...process.argv, ...(makePid ? argumentsOfMake(makePid) : [])]);
