import type { Command } from 'commander';

const actions = () => import('./install.js');

const withPlace = (command: Command) =>
  command
    .option('--user', "units of your own user in place of the system's (no root needed)")
    .option('--root <dir>', 'write below this directory, and leave the running system alone');

/** Units of systemd: the services at boot, the daily backup. */
export function registerHost(program: Command): void {
  withPlace(program.command('install-service'))
    .description('start Postgres, Temporal and the worker at boot, by systemd')
    .option('--print', 'show the units, and write nothing')
    .action(async (_flags: object, command: Command) => (await actions()).install('service', command));
  withPlace(program.command('uninstall-service'))
    .description('stop the services of systemd and remove them')
    .action(async (_flags: object, command: Command) => (await actions()).uninstall('service', command));
  withPlace(program.command('install-backup-timer'))
    .description('back up every day by a timer of systemd (trading-ops-db-backup.timer)')
    .option('--print', 'show the units, and write nothing')
    .action(async (_flags: object, command: Command) => (await actions()).install('backup-timer', command));
  withPlace(program.command('uninstall-backup-timer'))
    .description('remove the timer of the daily backup')
    .action(async (_flags: object, command: Command) => (await actions()).uninstall('backup-timer', command));
}
