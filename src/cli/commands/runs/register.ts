import type { Command } from 'commander';
import { DEFAULTS } from '../../../contract/defaults.js';
import { withAccount, withAsking, withAt } from '../../kit/options.js';

interface RunFlags {
  account?: string;
  operator?: string;
  full?: boolean;
}

/** run-0800, run-1400, run-ops, runs-last and watch. */
export function registerRuns(program: Command): void {
  withAsking(program.command('run-0800'))
    .description('fetch end-of-day prices, check them, value the ledgers and open the day')
    .option('--full', 'fetch the whole history again, not only what is new')
    .action(async (flags: RunFlags, command: Command) => (await import('./start.js')).run('0800', flags, command));
  withAsking(program.command('run-1400'))
    .description('issue the one ticket of the day from stored facts; never fetches')
    .action(async (flags: RunFlags, command: Command) => (await import('./start.js')).run('1400', flags, command));
  withAsking(program.command('run-ops'))
    .description('the 08:00 gates end to end: no waiting, no ticket')
    .option('--full', 'fetch the whole history again, not only what is new')
    .action(async (flags: RunFlags, command: Command) => (await import('./start.js')).run('ops', flags, command));
  program
    .command('runs-last')
    .description('the newest runs and how they ended')
    .option('--limit <n>', `how many (default: ${DEFAULTS.runs})`)
    .action(async (_flags: object, command: Command) => (await import('./list.js')).listRuns(command));
  withAt(withAccount(program.command('watch')))
    .description(
      'account for every slot and deadline now, as the hourly watch does: MISSED runs are recorded, what a human must see is an alert',
    )
    .action(async (flags: Pick<RunFlags, 'account'>, command: Command) =>
      (await import('./watch.js')).watchNow(flags, command),
    );
}
