import type { Command } from 'commander';
import { withAccount } from '../../kit/options.js';

const WHAT = {
  run: ['<id-or-date>', 'run summary of a run, or of every run of a trading day'],
  ticket: ['<id-or-date>', 'ticket by its id, or every ticket of a trading day'],
  reconciliation: ['<id-or-date>', 'reconciliation report by its id, or every one of a trading day'],
  day: ['<date>', 'daily report of a trading day'],
  alert: ['<id-or-date>', 'alert by its id, or every alert of a trading day'],
  statement: ['<id-or-date>', 'report on an account statement by the id of its comparison, or every one of a day'],
  quality: ['<id-or-date>', 'data-quality report of a run, or of every run of a trading day'],
} as const;

/** render run | ticket | reconciliation | day | quality | statement | all: files written again from the database. */
export function registerRender(program: Command): void {
  const render = program.command('render').description('write artifacts again from the database, byte for byte');
  for (const [kind, [argument, description]] of Object.entries(WHAT)) {
    withAccount(render.command(kind).argument(argument))
      .description(description)
      .action(async (which: string, _flags: object, command: Command) =>
        (await import('./render.js')).renderOne(kind as keyof typeof WHAT, which, command),
      );
  }
  render
    .command('all')
    .description('every artifact of every account')
    .option('--missing', 'only files that are not there')
    .action(async (flags: { missing?: boolean }, command: Command) =>
      (await import('./render.js')).renderAll(flags.missing ?? false, command),
    );
}
