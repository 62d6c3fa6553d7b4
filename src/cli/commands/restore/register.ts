import type { Command } from 'commander';
import { withOperator } from '../../kit/options.js';

/** restore-test, and restore-fresh-test. */
export function registerRestores(program: Command): void {
  withOperator(program.command('restore-test'))
    .description(
      'restore the newest whole backup into a scratch database, compare rows, ledger totals and audit chain, drop it',
    )
    .option('--file <dump>', 'this backup of the backup directory instead of the newest')
    .action(async (_flags: object, command: Command) => (await import('./restore-test.js')).restoreTest(command));
  withOperator(program.command('restore-fresh-test'))
    .description(
      'the destructive proof: the newest whole backup into an empty cluster that takes the place of the live one, which is kept aside',
    )
    .option('--yes', 'do not ask at a terminal')
    .option('--lose-newer', 'prove the newest backup as it is, also where live facts are newer: these are lost')
    .action(async (_flags: object, command: Command) => (await import('./fresh.js')).restoreFresh(command));
}
