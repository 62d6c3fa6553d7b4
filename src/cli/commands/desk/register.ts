import type { Command } from 'commander';
import { withOperator } from '../../kit/options.js';

/** The operator's web page. */
export function registerDesk(program: Command): void {
  const desk = program.command('desk').description("the operator's web page");
  withOperator(desk.command('open', { isDefault: true }))
    .description('print a link that lets in once, within ten minutes')
    .option('--read-only', 'for somebody who may only read')
    .action(async (_flags: object, command: Command) => (await import('./open.js')).openDesk(command));
  desk
    .command('sessions')
    .description('list who is let in')
    .action(async (_flags: object, command: Command) => (await import('./sessions.js')).showSessions(command));
  withOperator(desk.command('close'))
    .description('end a session, or all of them and every link that is open')
    .option('--session <session>', 'the one to end, or the first eight characters of it')
    .option('--all', 'every session and every open link')
    .action(async (_flags: object, command: Command) => (await import('./sessions.js')).endSessions(command));
}
