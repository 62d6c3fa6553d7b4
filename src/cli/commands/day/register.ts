import type { Command } from 'commander';
import { withAccount, withAsking, withAt } from '../../kit/options.js';

const collect = (value: string, previous: string[]): string[] => [...previous, value];

/** The human steps of a day: reconcile-daily, confirm, confirm-fills; and what may be asked about it. */
export function registerDay(program: Command): void {
  withAsking(program.command('reconcile-daily'))
    .description('record what eToro shows and compare it with the ledger; without figures, a terminal asks for them')
    .option('--snapshot-date <YYYY-MM-DD>', 'date the figures are of')
    .option('--cash-gbp <amount>', 'available cash')
    .option('--cash <amount>', 'the same, for an account in another currency')
    .option('--position <SYMBOL=UNITS>', 'one non-zero position; repeat it for each', collect, [])
    .option(
      '--file <path>',
      'a CSV, or a table copied from eToro, with every position and a line cash; - for standard input',
    )
    .option('--notes <text>', 'a note that is kept with the snapshot')
    .action(async (_flags: object, command: Command) => (await import('./reconcile.js')).reconcileDaily(command));
  withAsking(program.command('confirm'))
    .description('acknowledge the open NO_TRADE ticket')
    .option('--ticket <id>', 'the ticket (default: the oldest that is open)')
    .option('--amend', 'correct an earlier confirmation of the ticket')
    .option('--reason <text>', 'why it is corrected; kept in the audit log')
    .action(async (_flags: object, command: Command) => (await import('./confirm.js')).acknowledge(command));
  withAsking(program.command('confirm-fills'))
    .description('report what was executed of the open TRADE ticket; without a file, a terminal asks line by line')
    .option(
      '--fills <path>',
      'JSON or CSV file with one fill a ticket line; - for standard input (default: FILLS_JSON)',
    )
    .option('--file <path>', 'the same')
    .option('--ticket <id>', 'the ticket (default: the oldest that is open)')
    .option('--amend', 'correct an earlier confirmation: books a reversal and the new fills')
    .option('--reason <text>', 'why it is corrected; kept in the audit log')
    .option(
      '--accept-deviation <LINE=why>',
      'own that this line was not filled as the ticket says, with the reason; repeat it for each line that deviates',
      collect,
      [],
    )
    .action(async (_flags: object, command: Command) => (await import('./confirm.js')).confirmFills(command));
  withAt(withAccount(program.command('day')))
    .description('where a trading day stands, as its workflow says')
    .option('--trading-day <YYYY-MM-DD>', 'the day (default: the newest that was opened)')
    .action(async (_flags: object, command: Command) => (await import('./show.js')).showDay(command));
  program
    .command('rebuild')
    .description(
      "open every unfinished day again where it stands in Postgres: after Temporal's state was lost, or Postgres restored",
    )
    .action(async (_flags: object, command: Command) => (await import('./rebuild.js')).rebuild(command));
}
