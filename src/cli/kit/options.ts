import type { Command } from 'commander';

/** Options shared by commands; the texts are written once so that every --help reads the same. */
export const withAccount = (command: Command) =>
  command.option('--account <name>', 'account of the policy (default: main, or the only one)');

export const withOperator = (command: Command) =>
  command.option(
    '--operator <name>',
    'who is asking; a name of the policy (default: TRADING_OPS_OPERATOR, or the only one)',
  );

export const withAt = (command: Command) =>
  command.option('--at <instant>', 'ISO 8601 instant with offset; only for accounts whose clock is simulated');

/** What most commands that change something take. */
export const withAsking = (command: Command) => withAt(withOperator(withAccount(command)));
