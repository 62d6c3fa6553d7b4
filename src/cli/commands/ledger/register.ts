import type { Command } from 'commander';
import { DEFAULTS } from '../../../contract/defaults.js';
import { withAccount, withAsking } from '../../kit/options.js';

const collect = (value: string, previous: string[]): string[] => [...previous, value];

/** ledger-report, ledger-baseline, cash, ledger. */
export function registerLedger(program: Command): void {
  registerReports(program);
  registerCash(program);
  registerBookings(program.command('ledger').description('book what happened at the broker, or look at the journal'));
}

function registerReports(program: Command): void {
  withAsking(program.command('ledger-report'))
    .description('positions, cost, cash, profit and loss, and value in base currency at stated rates')
    .option('--book <book>', `ledger, or paper for the fills of dry runs (default: ${DEFAULTS.book})`)
    .action(async (_flags: object, command: Command) => (await import('./report.js')).reportLedger(command));
  withAsking(program.command('ledger-baseline'))
    .description('show the opening and its corrections, or set figures that you vouch for')
    .option('--cash <amount>', 'cash the ledger is to have from now on')
    .option(
      '--position <SYMBOL=UNITS>',
      'units of one symbol from now on, 0 to take it out; repeat it for each',
      collect,
      [],
    )
    .option('--cost <SYMBOL=AMOUNT>', 'cost of the whole holding in base currency; repeat it for each', collect, [])
    .option('--date <YYYY-MM-DD>', 'date it takes effect (default: today)')
    .option('--reason <text>', 'why; required when something is set')
    .action(async (_flags: object, command: Command) => (await import('./baseline.js')).baseline(command));
}

function registerCash(program: Command): void {
  const cash = program.command('cash').description('money paid in or out');
  for (const [verb, what] of [
    ['deposit', 'paid in'],
    ['withdraw', 'paid out'],
  ] as const) {
    withAsking(cash.command(verb))
      .description(`book money ${what}`)
      .requiredOption('--amount <amount>', 'base currency, above 0')
      .option('--date <YYYY-MM-DD>', 'date it arrived or left (default: today)')
      .option('--notes <text>', 'a note that is kept with the entry')
      .option('--another', 'a second one of the same date, amount and note is meant')
      .action(async (_flags: object, command: Command) =>
        (await import('./book-cash.js')).cashMovement(verb === 'deposit' ? 'DEPOSIT' : 'WITHDRAWAL', command),
      );
  }
}

function registerBookings(ledger: Command): void {
  withAsking(ledger.command('dividend'))
    .description('book a dividend, once a symbol and ex-date: from what is stored, or from what arrived (--net)')
    .requiredOption('--symbol <symbol>', 'internal symbol')
    .requiredOption('--ex-date <YYYY-MM-DD>', 'ex-date')
    .option('--paid-on <YYYY-MM-DD>', 'date it was paid (default: today)')
    .option('--net <amount>', 'what arrived, base currency; replaces --amount, --units and --fx')
    .option('--amount <price>', 'cash a share in listing currency (default: the stored dividend)')
    .option('--units <units>', 'shares it was paid on (default: held in the ledger before the ex-date)')
    .option('--fx <rate>', 'listing currency for one of base (default: the stored rate of the ex-date)')
    .option('--withholding <fraction>', `tax withheld, 0 to 0.5 (default: ${DEFAULTS.withholding})`)
    .action(async (_flags: object, command: Command) => (await import('./book-dividend.js')).dividend(command));
  withAsking(ledger.command('split'))
    .description('book a split, once a symbol and ex-date')
    .requiredOption('--symbol <symbol>', 'internal symbol')
    .requiredOption('--ex-date <YYYY-MM-DD>', 'ex-date')
    .option('--ratio <ratio>', 'new shares for one old share, such as 7 or 1/4 (default: the stored split)')
    .action(async (_flags: object, command: Command) => (await import('./book-split.js')).split(command));
  withAsking(ledger.command('fee'))
    .description('book a fee the broker took')
    .requiredOption('--amount <amount>', 'base currency, above 0')
    .option('--symbol <symbol>', 'the symbol it is about')
    .option('--date <YYYY-MM-DD>', 'date it was taken (default: today)')
    .option('--notes <text>', 'a note that is kept with the entry')
    .option('--another', 'a second one of the same date, amount and note is meant')
    .action(async (_flags: object, command: Command) => (await import('./book-cash.js')).cashMovement('FEE', command));
  withAsking(ledger.command('reverse'))
    .description('take an entry back that was booked by mistake')
    .requiredOption('--entry <n>', 'number of the entry')
    .requiredOption('--reason <text>', 'why')
    .action(async (_flags: object, command: Command) => (await import('./reverse-entry.js')).reverse(command));
  withAccount(ledger.command('journal'))
    .description('the newest entries with their postings')
    .option('--book <book>', `ledger, or paper for the fills of dry runs (default: ${DEFAULTS.book})`)
    .option('--limit <n>', `how many (default: ${DEFAULTS.entries})`)
    .action(async (_flags: object, command: Command) => (await import('./journal.js')).showJournal(command));
}
