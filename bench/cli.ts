import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from '../src/runtime/paths.js';
import type { BenchContext } from './support/context.js';
import { atMost, told, type Figure } from './support/figures.js';
import { interleave, median, medianRatio } from './support/statistics.js';

const PAIRS = 30;
const HELP_MAX = 2.5;

/** How long the operator waits for `trading-ops --help`, beside a Node process that does nothing. */
export async function run({ root, say }: BenchContext): Promise<Figure[]> {
  const nothing = join(root, 'nothing.mjs');
  writeFileSync(nothing, '');
  const main = join(repositoryRoot, 'dist', 'cli', 'main.js');
  say(`${PAIRS} pairs of trading-ops --help and an empty node process`);
  const pairs = await interleave(
    PAIRS,
    () => spawned([main, '--help']),
    () => spawned([nothing]),
    3,
  );
  return [
    atMost('cli: trading-ops --help / empty node process', medianRatio(pairs), 'x', HELP_MAX),
    told('cli: trading-ops --help', median(pairs.map(({ ours }) => ours)), 'ms'),
  ];
}

async function spawned(args: string[]): Promise<void> {
  const { status, stderr } = spawnSync(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'], encoding: 'utf8' });
  if (status !== 0) throw new Error(`node ${args.join(' ')}: exit ${status}: ${stderr}`);
}
