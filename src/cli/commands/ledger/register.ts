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
    .description('book a dividend, once a symbol, ex-date and type: from what is stored, or from what arrived (--net)')
    .requiredOption('--symbol <symbol>', 'internal symbol')
    .requiredOption('--ex-date <YYYY-MM-DD>', 'ex-date')
    .option('--type <type>', 'which of several of one ex-date: regular, special or return_of_capital', 'regular')
    .option('--paid-on <YYYY-MM-DD>', 'date it was paid (default: today)')
    .option('--net <amount>', 'what arrived, base currency; replaces --amount, --units and --fx')
    .option('--amount <price>', 'cash a share in listing currency (default: the stored dividend)')
    .option('--units <units>', 'shares it was paid on (default: held in the ledger before the ex-date)')
    .option('--fx <rate>', 'listing currency for one of base (default: the stored rate of the ex-date)')
    .option(
      '--withholding <fraction>',
      `tax withheld, 0 to 0.5 (default: ${DEFAULTS.withholding}; 0 of a return of capital)`,
    )
    .action(async (_flags: object, command: Command) => (await import('./book-dividend.js')).dividend(command));
  withAsking(ledger.command('split'))
    .description('book a split, once a symbol and ex-date')
    .requiredOption('--symbol <symbol>', 'internal symbol')
    .requiredOption('--ex-date <YYYY-MM-DD>', 'ex-date')
    .option('--ratio <ratio>', 'new shares for one old share, such as 7 or 1/4 (default: the stored split)')
    .action(async (_flags: object, command: Command) => (await import('./book-split.js')).split(command));
  registerEvents(ledger);
  for (const [verb, kind, what] of [
    ['fee', 'FEE', 'a fee the broker took'],
    ['interest', 'INTEREST', 'interest the broker paid on the balance'],
  ] as const) {
    const command = withAsking(ledger.command(verb)).description(`book ${what}`);
    if (kind === 'FEE') command.option('--symbol <symbol>', 'the symbol it is about');
    command
      .requiredOption('--amount <amount>', 'base currency, above 0')
      .option('--date <YYYY-MM-DD>', 'date it was taken or paid (default: today)')
      .option('--notes <text>', 'a note that is kept with the entry')
      .option('--another', 'a second one of the same date, amount and note is meant')
      .action(async (_flags: object, at: Command) => (await import('./book-cash.js')).cashMovement(kind, at));
  }
  withAsking(ledger.command('reverse'))
    .description('take an entry back that was booked by mistake')
    .requiredOption('--entry <n>', 'number of the entry')
    .requiredOption('--reason <text>', 'why')
    .action(async (_flags: object, command: Command) => (await import('./reverse-entry.js')).reverse(command));
  withAccount(ledger.command('journal'))
    .description('the newest entries with their postings')
    .option('--book <book>', `ledger, or paper for the fills of dry runs (default: ${DEFAULTS.book})`)
    .option('--limit <n>', `how many (default: ${DEFAULTS.entries})`)
    .option('--symbol <symbol>', 'entries about it, or that moved units of it')
    .option('--kind <kind>', 'entries of this kind, such as FILL or DIVIDEND')
    .option('--ticket <id>', 'entries of this ticket; its first eight characters do')
    .option('--from <YYYY-MM-DD>', 'effective on this date or later')
    .option('--to <YYYY-MM-DD>', 'effective on this date or before')
    .action(async (_flags: object, command: Command) => (await import('./journal.js')).showJournal(command));
  withAccount(ledger.command('values'))
    .description('what the account was worth at each close that was valued')
    .option('--range <range>', `1m, 3m, ytd, 1y or all, up to the newest close (default: ${DEFAULTS.range})`)
    .action(async (_flags: object, command: Command) => (await import('./values.js')).showValues(command));
}

/** What a company or the broker does to a holding. */
function registerEvents(ledger: Command): void {
  const event = (verb: string, what: string, date = '--date <YYYY-MM-DD>', when = 'the first day on which it is so') =>
    withAsking(ledger.command(verb))
      .description(`book ${what}`)
      .requiredOption('--symbol <symbol>', 'internal symbol of what was held')
      .requiredOption(date, when);
  const withProceeds = (command: Command, of: string) =>
    command
      .option('--net <amount>', `what arrived${of}, base currency; replaces --amount and --fx`)
      .option('--amount <price>', `cash a share${of}, in listing currency`)
      .option('--fx <rate>', 'listing currency for one of base (default: the stored rate of the date)');
  const to = ['--to <symbol>', 'internal symbol of what it became; the universe must have it'] as const;
  const ratio = ['--ratio <ratio>', 'new shares for one old share, such as 0.5 or 1/4'] as const;

  event('rename', 'that a holding is called otherwise: units, basis and prices go on under the new symbol')
    .requiredOption(...to)
    .action(async (_flags: object, command: Command) => (await import('./book-rename.js')).rename(command));
  withProceeds(event('cash-merger', 'that a holding was bought out for cash'), '').action(
    async (_flags: object, command: Command) => (await import('./book-cash-merger.js')).cashMerger(command),
  );
  withProceeds(
    event('stock-merger', 'that a holding became shares of another company, with cash or without')
      .requiredOption(...to)
      .requiredOption(...ratio),
    ' beside the shares',
  )
    .option('--cost-share <fraction>', 'part of the cost that the cash is set against (default: by the stored closes)')
    .action(async (_flags: object, command: Command) => (await import('./book-stock-merger.js')).stockMerger(command));
  event('spin-off', 'that shares of a new company came beside those held', '--ex-date <YYYY-MM-DD>', 'ex-date')
    .requiredOption(...to)
    .requiredOption(...ratio)
    .option('--cost-share <fraction>', 'part of the cost that goes to the new shares (default: by the stored closes)')
    .action(async (_flags: object, command: Command) => (await import('./book-spin-off.js')).spinOff(command));
  event('cash-in-lieu', 'that a fraction of a share was paid out in cash', '--date <YYYY-MM-DD>', 'date it was paid')
    .requiredOption('--net <amount>', 'what arrived, base currency')
    .option('--units <units>', 'the fraction (default: what the holding has beyond whole shares)')
    .action(async (_flags: object, command: Command) => (await import('./book-cash-in-lieu.js')).cashInLieu(command));
  withProceeds(event('delisting', 'that a holding is gone'), ' in the end, if anything').action(
    async (_flags: object, command: Command) => (await import('./book-delisting.js')).delisting(command),
  );
}
