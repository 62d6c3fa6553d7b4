import type { Command } from 'commander';
import { withOperator } from '../../kit/options.js';

/** operator: the keys that people sign with. */
export function registerOperator(program: Command): void {
  const operator = program.command('operator').description('the keys that people sign with (operators.keys)');
  withOperator(operator.command('key').command('new'))
    .description('make a key file of your own, with a passphrase; it signs once it is approved')
    .option('--label <text>', 'what to call it, such as the machine it lies on', '')
    .action(async (_flags: object, command: Command) => (await import('./keys.js')).newKey(command));
  operator
    .command('approve <fingerprint>')
    .description('let a key sign from now on: writes its line into operators.keys')
    .action(async (fingerprint: string, _flags: object, command: Command) =>
      (await import('./keys.js')).approve(fingerprint, command),
    );
  operator
    .command('end <fingerprint>')
    .description('let a key sign nothing more; what it signed stays signed')
    .action(async (fingerprint: string, _flags: object, command: Command) =>
      (await import('./keys.js')).end(fingerprint, command),
    );
  program
    .command('signatures')
    .description('who said what')
    .command('verify')
    .description('prove every signature: exit 0 when all count, 2 when one does not, or a fact has none')
    .action(async (_flags: object, command: Command) => (await import('./signatures.js')).verify(command));
  operator
    .command('list')
    .description('every key, of whom, from when until when')
    .action(async (_flags: object, command: Command) => (await import('./keys.js')).list(command));
}
