import type { Command } from 'commander';
import { DEFAULTS } from '../../../contract/defaults.js';
import { EXIT } from '../../kit/exit.js';
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
    .option('--in-memory', 'by the rules alone, without servers: ten years in seconds; nothing is stored')
    .option('--broker <kind>', 'in memory: pessimistic (default), or open, as simulate fills')
    .option('--slippage-bps <bps>', `in memory: worse than the open (default: ${DEFAULTS.slippageBps})`)
    .option('--fx-spread-bps <bps>', `in memory: worse than the day's rate (default: ${DEFAULTS.fxSpreadBps})`)
    .option('--policy <file>', 'in memory: another policy.yml than that of the configuration')
    .option('--against <file>', 'in memory: a second policy.yml, walked beside it; their tickets are compared')
    .option('--reset-after <sessions>', 'in memory: the kill switch is reset so many sessions after it was engaged')
    .option('--sensitivity', 'in memory: also begun up to 5 sessions earlier and later, and at twice the costs')
    .option('--tried <number>', 'in memory: variants that were tried before, beside the reports in --out')
    .option('--out <folder>', 'in memory: where the report is written (walk_<from>_<to>_<number>.md, .html and .json)')
    .addHelpText(
      'after',
      '\nWithout --in-memory it needs a stack that is up, an account whose policy says clock: simulated, and an empty ledger.\nAfter every day the invariants are checked; the first that is broken ends it with exit code 1.',
    )
    .action(async (_flags: object, command: Command) => {
      if (command.opts<{ inMemory?: boolean }>().inMemory) return (await import('./walk.js')).walkInMemory(command);
      refuseMemoryFlags(command);
      return (await import('./simulate.js')).simulate(command);
    });
}

const OF_MEMORY = [
  'broker',
  'slippageBps',
  'fxSpreadBps',
  'policy',
  'against',
  'resetAfter',
  'sensitivity',
  'tried',
  'out',
];

/** What only a walk in memory knows is never passed over in silence. */
function refuseMemoryFlags(command: Command): void {
  const given = command.options.find(
    (option) =>
      OF_MEMORY.includes(option.attributeName()) && command.getOptionValueSource(option.attributeName()) === 'cli',
  );
  if (given)
    command.error(`FLAGS_INVALID: ${given.long}: must go with --in-memory`, {
      exitCode: EXIT.usage,
      code: 'FLAGS_INVALID',
    });
}
