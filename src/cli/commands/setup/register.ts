import type { Command } from 'commander';
import { DEFAULTS } from '../../../contract/defaults.js';
import { withOperator } from '../../kit/options.js';

/** migrate, db-tables, account, worker. */
export function registerSetup(program: Command): void {
  program
    .command('migrate')
    .description('bring the database schema up to date')
    .action(async (_flags: object, command: Command) => (await import('./migrate.js')).migrate(command));
  program
    .command('db-tables')
    .description('list the tables, what they hold and how many rows')
    .action(async (_flags: object, command: Command) => (await import('./tables.js')).showTables(command));
  program
    .command('worker')
    .description('run one more worker in the foreground; up starts the first')
    .action(async () => (await import('../runtime/worker.js')).runWorkerHere());
  const account = program.command('account').description('the broker accounts of this installation');
  withOperator(account.command('add <name>'))
    .description('open an account: writes it into policy.yml and the database')
    .requiredOption('--base-currency <code>', 'currency its cash is held in, such as GBP')
    .option('--clock <clock>', `real, or simulated for tests and demonstrations (default: ${DEFAULTS.clock})`)
    .action(async (name: string, _flags: object, command: Command) =>
      (await import('./add-account.js')).addAccount(name, command),
    );
  account
    .command('list')
    .description('list the accounts')
    .action(async (_flags: object, command: Command) => (await import('./list-accounts.js')).showAccounts(command));
}
