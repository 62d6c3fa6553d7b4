import type { Command } from 'commander';

/** doctor: everything an operator can get wrong. */
export function registerDoctor(program: Command): void {
  program
    .command('doctor')
    .description(
      'check everything an operator can get wrong: expected, found, and the remedy; exit 2 when something needs a person',
    )
    .action(async (_flags: object, command: Command) => (await import('./examine.js')).examineInstallation(command));
}
