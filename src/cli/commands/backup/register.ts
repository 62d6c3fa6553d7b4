import type { Command } from 'commander';
import { withOperator } from '../../kit/options.js';

/** backup, and backups list | verify. */
export function registerBackups(program: Command): void {
  withOperator(program.command('backup'))
    .description('back up the database now: dumped, verified, kept as the policy says')
    .option('--direct', 'without Temporal and worker; needs only Postgres')
    .option('--timer', 'as the daily timer does: by the worker when one answers, else directly')
    .action(async (_flags: object, command: Command) => (await import('./make.js')).backupNow(command));
  const backups = program.command('backups').description('the backups that are there, and whether they are whole');
  backups
    .command('list', { isDefault: true })
    .description('every backup: whole, damaged or unfinished, its age and size')
    .action(async (_flags: object, command: Command) => (await import('./list.js')).showBackups(command));
  backups
    .command('verify [file]')
    .description('check a backup to the last byte (default: the newest); exit 2 when one fails')
    .option('--all', 'every backup')
    .action(async (file: string | undefined, _flags: object, command: Command) =>
      (await import('./verify.js')).checkBackups(file, command),
    );
}
