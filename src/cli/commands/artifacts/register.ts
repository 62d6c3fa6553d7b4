import type { Command } from 'commander';
import { withAsking } from '../../kit/options.js';

/** artifacts-retention: rendered files that are past their time. */
export function registerArtifacts(program: Command): void {
  withAsking(program.command('artifacts-retention'))
    .description('say which rendered files are past their time (policy: artifacts.keep_days); --yes removes them')
    .option('--yes', 'remove them; without it nothing is changed')
    .addHelpText(
      'after',
      '\nOnly files that the database can write again (trading-ops render) are ever removed. Raw answers of providers,\nhistories of days and anything the program did not write stay.',
    )
    .action(async (_flags: object, command: Command) => (await import('./retention.js')).artifactsRetention(command));
}
