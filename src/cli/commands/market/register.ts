import { Option, type Command } from 'commander';
import { withAsking, withOperator, withAt } from '../../kit/options.js';

const collect = (value: string, before: string[] = []) => [...before, value];

/** market-fetch, data-quality, actions, policy check and universe check. */
export function registerMarket(program: Command): void {
  withAsking(program.command('market-fetch'))
    .description('fetch end-of-day prices, actions and rates, and say how each symbol fared')
    .option('--full', 'fetch the whole history again, not only what is new')
    .option('--symbol <symbol>', 'only this symbol; may be repeated', collect)
    .action(async (_flags: object, command: Command) => (await import('./fetch.js')).marketFetch(command));
  withAsking(program.command('data-quality'))
    .description('run the data-quality gate over stored prices and value the ledgers; fetches nothing')
    .action(async (_flags: object, command: Command) => (await import('./data-quality.js')).dataQuality(command));
  registerActions(program);
  registerChecks(program);
}

function registerActions(program: Command): void {
  const actions = program
    .command('actions')
    .description('splits, dividends and jumps of prices, and what is on hold until a human has ruled on it');
  withAt(actions.command('list'))
    .description('published actions and jumps that none explains, newest first, with rulings and holds')
    .option('--symbol <symbol>', 'only this symbol; may be repeated', collect)
    .option('--since <date>', 'ex-dates from here on, YYYY-MM-DD')
    .option('--on-hold', 'only what waits for a ruling')
    .option('--held', 'the same, as it was called')
    .action(async (_flags: object, command: Command) => (await import('./list-actions.js')).listPublished(command));
  withAt(withOperator(actions.command('rule')))
    .description('say what a split, a dividend or a jump really was; the newest ruling counts')
    .requiredOption('--symbol <symbol>', 'internal symbol')
    .requiredOption('--ex-date <date>', 'ex-date, YYYY-MM-DD')
    .addOption(
      new Option('--kind <kind>', 'as it was published; jump: nothing was (default with --as genuine)').choices([
        'split',
        'dividend',
        'jump',
      ]),
    )
    .option('--type <type>', 'of several dividends of one ex-date: regular, special or return_of_capital')
    .addOption(
      new Option('--as <ruling>', 'what it really was')
        .choices(['cash_dividend', 'split', 'ignore', 'genuine'])
        .makeOptionMandatory(),
    )
    .option('--value <n>', 'cash a share, or new shares per old share (default: as published)')
    .requiredOption('--reason <text>', 'why, for the audit log')
    .addHelpText(
      'after',
      "\nExample: GOOGL's share distribution of 2014, published as a dividend of 567.97 USD:\n" +
        '  trading-ops actions rule --symbol GOOGL --ex-date 2014-04-03 --kind dividend --as split --value 2 --reason "class C shares, one for one"\n' +
        'A jump of the price that happened so:\n' +
        '  trading-ops actions rule --symbol OXY --ex-date 2020-03-09 --as genuine --reason "oil fell by a quarter"',
    )
    .action(async (_flags: object, command: Command) => (await import('./rule.js')).rule(command));
}

function registerChecks(program: Command): void {
  program
    .command('policy')
    .description('the rules of this installation')
    .command('check [file]')
    .description('say what policy.yml (or this file) would be accepted as, or every fault with its line')
    .action(async (file: string | undefined, _flags: object, command: Command) =>
      (await import('../setup/check-policy.js')).checkPolicy(file, command),
    );
  program
    .command('universe')
    .description('the instruments of this installation')
    .command('check [file]')
    .description('say what universe.csv (or this file) would be accepted as, or every fault with its line')
    .action(async (file: string | undefined, _flags: object, command: Command) =>
      (await import('../setup/check-universe.js')).checkUniverse(file, command),
    );
}
