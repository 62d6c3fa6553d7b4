import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { repositoryRoot, workerEntry } from '../src/runtime/paths.js';
import { cleanEnvironment, makeRoot, removeRoot, sweepOldRoots } from '../test/support/servers.js';
import type { Bench } from './support/context.js';
import type { Figure } from './support/figures.js';
import { createStack } from './support/stack.js';
import { line, table } from './support/table.js';

/** In the order in which they run; each module exports `run`. */
const BENCHES: Record<string, () => Promise<{ run: Bench }>> = {
  cli: () => import('./cli.js'),
  explanations: () => import('./explanations.js'),
  facts: () => import('./facts.js'),
  ingest: () => import('./ingest.js'),
  runs: () => import('./runs.js'),
  accounts: () => import('./accounts.js'),
  days: () => import('./days.js'),
  backup: () => import('./backup.js'),
  restore: () => import('./restore.js'),
  actions: () => import('./actions.js'),
  year: () => import('./year.js'),
  performance: () => import('./performance.js'),
  desk: () => import('./desk.js'),
  walk: () => import('./walk.js'),
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    help: { type: 'boolean', short: 'h' },
    profile: { type: 'boolean', default: false },
    sizes: { type: 'string' },
  },
});
const sizes = values.sizes === undefined ? null : values.sizes.split(',').map(Number);
if (sizes?.some((size) => !Number.isInteger(size) || size < 1 || size > 9_999)) {
  process.stderr.write(
    `bench: --sizes: ${values.sizes}: must be numbers of accounts from 1 to 9999, with commas between\n`,
  );
  process.exit(64);
}
const unknown = positionals.filter((name) => !(name in BENCHES));
if (!existsSync(workerEntry)) {
  process.stderr.write('bench: the program is not built; type `make bench`, which builds it first\n');
  process.exit(64);
}
if (values.help || unknown.length > 0) {
  for (const name of unknown) process.stderr.write(`bench: ${name}: there is no such bench\n`);
  process.stdout.write(
    `npx tsx bench/main.ts [${Object.keys(BENCHES).join('] [')}] [--profile] [--sizes 1,100]\n` +
      'all when none is named; see bench/README.md\n',
  );
  process.exit(unknown.length > 0 ? 64 : 0);
}
process.exitCode = (await runAll(positionals.length > 0 ? positionals : Object.keys(BENCHES))).every(
  ({ holds }) => holds,
)
  ? 0
  : 1;

async function runAll(names: string[]): Promise<Figure[]> {
  leaveOwnInstallationAlone();
  await sweepOldRoots();
  const figures: Figure[] = [];
  for (const name of names) figures.push(...(await runOne(name)));
  process.stdout.write(`\n${table(figures)}\n`);
  // A bench run by name says nothing of the others: only a whole run is the newest result.
  if (names.length === Object.keys(BENCHES).length) writeResults(figures);
  return figures;
}

/** One bench in a directory of its own, so that nothing of it runs beside the next. */
async function runOne(name: string): Promise<Figure[]> {
  const root = makeRoot();
  const stop = () => void removeRoot(root).finally(() => process.exit(130));
  process.once('SIGINT', stop).once('SIGTERM', stop);
  const say = (text: string) => void process.stderr.write(`  ${text}\n`);
  const began = performance.now();
  process.stderr.write(`${name}\n`);
  try {
    const { run } = await (BENCHES[name] as () => Promise<{ run: Bench }>)();
    const figures = await run({
      root,
      say,
      sizes,
      createStack: (options) => createStack(root, { profile: values.profile, ...options }),
    });
    for (const figure of figures) say(line(figure));
    say(`${((performance.now() - began) / 1000).toFixed(0)} s`);
    return figures;
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop);
    await removeRoot(root);
  }
}

/** Whatever the environment says of the developer's installation must not reach the one that is measured. */
function leaveOwnInstallationAlone(): void {
  const kept = cleanEnvironment();
  for (const name of Object.keys(process.env)) if (!(name in kept)) delete process.env[name];
}

function writeResults(figures: Figure[]): void {
  const directory = join(repositoryRoot, 'bench', 'results');
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, 'latest.json'), `${JSON.stringify(figures, null, 2)}\n`);
}
