import type { Command } from 'commander';
import { withAt, withOperator } from '../../kit/options.js';

interface BackfillFlags {
  from: string;
  to?: string;
  slot?: string;
}

/** schedules: what starts by itself. */
export function registerSchedules(program: Command): void {
  const schedules = program
    .command('schedules')
    .description('what starts by itself: the runs of 08:00 and 14:00, the watch');
  const command = (words: string, isDefault = false) => withRehearsal(schedules.command(words, { isDefault }));
  command('apply', true)
    .description('register the schedules as the policy has them; changes only what differs, keeps a pause')
    .action(async (_flags: object, self: Command) => (await import('./apply.js')).apply(self));
  withAt(command('show'))
    .description('state of each schedule, and the next ten runs in UK and New York time')
    .action(async (_flags: object, self: Command) => (await import('./show.js')).showSchedules(self));
  for (const verb of ['pause', 'unpause'] as const) {
    withOperator(command(`${verb} [schedules...]`))
      .description(
        verb === 'pause'
          ? 'start nothing until unpaused (default: both runs); a restart of the worker keeps it'
          : 'start again from now on; what was due meanwhile is not made up for',
      )
      .requiredOption('--reason <text>', 'why, kept with the schedule and in the audit log')
      .action(async (names: string[], _flags: object, self: Command) =>
        (await import('./pause.js'))[verb](names, self),
      );
  }
  command('trigger <schedule>')
    .description('start one now, as its schedule would')
    .action(async (name: string, _flags: object, self: Command) => (await import('./fire.js')).trigger(name, self));
  command('backfill')
    .description(
      'make up for runs of past days, one after another; on a real account a run that is too late trades nothing',
    )
    .requiredOption('--from <YYYY-MM-DD>', 'first day')
    .option('--to <YYYY-MM-DD>', 'last day (default: the first)')
    .option('--slot <slot>', '0800 or 1400 (default: both)')
    .action(async (flags: BackfillFlags, self: Command) => (await import('./fire.js')).backfill(flags, self));
  withOperator(command('remove'))
    .description('end a rehearsal, or remove what the policy does not want any more')
    .action(async (_flags: object, self: Command) => (await import('./remove.js')).remove(self));
}

const withRehearsal = (command: Command) =>
  command.option('--account <name>', 'a rehearsal: schedules of this simulated account alone');
