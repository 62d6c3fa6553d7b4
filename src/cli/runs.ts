import type { Command } from 'commander';
import { withAsking } from './options.js';

interface RunFlags {
  account?: string;
  operator?: string;
  full?: boolean;
}

/** run-0800, run-1400, run-ops and runs-last. */
export function registerRuns(program: Command): void {
  withAsking(program.command('run-0800'))
    .description('fetch end-of-day prices, check them, value the ledgers and open the day')
    .option('--full', 'fetch the whole history again, not only what is new')
    .action(async (flags: RunFlags, command: Command) => (await import('./run-actions.js')).startRun('0800', flags, command));
  withAsking(program.command('run-1400'))
    .description('issue the one ticket of the day from stored facts; never fetches')
    .action(async (flags: RunFlags, command: Command) => (await import('./run-actions.js')).startRun('1400', flags, command));
  withAsking(program.command('run-ops'))
    .description('the 08:00 gates end to end: no waiting, no ticket')
    .option('--full', 'fetch the whole history again, not only what is new')
    .action(async (flags: RunFlags, command: Command) => (await import('./run-actions.js')).startRun('ops', flags, command));
  program.command('runs-last')
    .description('the newest runs and how they ended')
    .option('--limit <n>', 'how many', '10')
    .action(async (_flags: object, command: Command) => (await import('./run-actions.js')).listRuns(command));
}
