import type { Command } from 'commander';
import { withAccount, withAsking } from '../../kit/options.js';

/** kill-switch and audit: what stops trading, and the log of who did what. */
export function registerGuard(program: Command): void {
  const killSwitch = program
    .command('kill-switch')
    .description('the latch that stops all trading until a human resets it');
  withAccount(killSwitch.command('status'))
    .description('whether it is engaged, and since when')
    .action(async (_flags: object, command: Command) => (await import('./kill-switch.js')).killSwitchStatus(command));
  for (const verb of ['engage', 'reset'] as const) {
    withAsking(killSwitch.command(verb))
      .description(verb === 'engage' ? 'stop all trading of the account' : 'let the account trade again')
      .requiredOption('--reason <text>', 'why; it is kept')
      .action(async (_flags: object, command: Command) => (await import('./kill-switch.js'))[verb](command));
  }
  program
    .command('books')
    .description('what is stored, held against its own rules')
    .command('verify')
    .description('check every invariant of the books: exit 0 when all hold, 2 when one is broken')
    .action(async (_flags: object, command: Command) => (await import('./books.js')).verifyBooks(command));
  const audit = program.command('audit').description('the log of who did what');
  audit
    .command('verify')
    .description(
      'check the hash chain and every fact: exit 0 when all is as it was recorded, 2 when something is missing ' +
        'or was altered',
    )
    .action(async (_flags: object, command: Command) => (await import('./audit.js')).verifyAudit(command));
}
