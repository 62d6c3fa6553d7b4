import type { Command } from 'commander';

/** demo: two real trading days of 2018, step by step, on a stack of their own. */
export function registerDemo(program: Command): void {
  program
    .command('demo')
    .description('show two real trading days of 2018 from end to end, on a stack of their own')
    .action(async (_flags: object, command: Command) => (await import('./demo.js')).runDemo(command));
}
