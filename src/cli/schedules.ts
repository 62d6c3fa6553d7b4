import type { Command } from 'commander';
import { withAt } from './options.js';

/** schedules: what starts by itself. */
export function registerSchedules(program: Command): void {
  const schedules = program.command('schedules').description('what starts by itself: the runs of 08:00 and 14:00');
  withRehearsal(schedules.command('apply', { isDefault: true }))
    .description('register the schedules as the policy has them; changes only what differs, keeps a pause')
    .action(async (_flags: object, command: Command) => (await import('./schedule-actions.js')).applySchedules(command));
  withAt(withRehearsal(schedules.command('show')))
    .description('state of each schedule, and the next ten runs in UK and New York time')
    .action(async (_flags: object, command: Command) => (await import('./schedule-show-action.js')).showSchedules(command));
}

const withRehearsal = (command: Command) => command.option('--account <name>', 'a rehearsal: schedules of this account alone, also on a simulated clock');
