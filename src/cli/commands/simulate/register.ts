import type { Command } from 'commander';
import { DEFAULTS } from '../../../contract/defaults.js';
import { withAccount, withOperator } from '../../kit/options.js';

/** simulate: every session of a time past, through the real workflows, with a simulated broker and operator. */
export function registerSimulate(program: Command): void {
  withOperator(withAccount(program.command('simulate')))
    .description(
      'drive every session of a time past through a simulated-clock account, with a simulated broker and operator',
    )
    .requiredOption('--from <YYYY-MM-DD>', 'first trading day')
    .requiredOption('--to <YYYY-MM-DD>', 'last trading day')
    .option(
      '--cash <amount>',
      `cash at the broker on the first day, base currency (default: ${DEFAULTS.simulatedCash})`,
    )
    .option(
      '--rulings <file>',
      'CSV of what the operator will rule on held actions: symbol,ex_date,kind,ruling,value,ruled_on,reason',
    )
    .option('--events <file>', 'CSV of what companies and the broker do: date,kind,symbol,to,ratio,amount,cost_share')
    .addHelpText(
      'after',
      '\nIt needs a stack that is up, an account whose policy says clock: simulated, and an empty ledger.\nAfter every day the invariants are checked; the first that is broken ends it with exit code 1.',
    )
    .action(async (_flags: object, command: Command) => (await import('./simulate.js')).simulate(command));
}
