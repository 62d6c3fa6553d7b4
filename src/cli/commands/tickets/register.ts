import type { Command } from 'commander';
import { DEFAULTS } from '../../../contract/defaults.js';
import { withAccount, withAt } from '../../kit/options.js';

/** ticket show, ticket verify, ticket fills, tickets-last. */
export function registerTickets(program: Command): void {
  const ticket = program.command('ticket').description('the instruction of a day');
  withAccount(ticket.command('show [ticket-id]', { isDefault: true }))
    .description('print a ticket on one screen (default: the newest); its id, or the first eight characters of it')
    .action(async (id: string | undefined, _flags: object, command: Command) =>
      (await import('./show.js')).showTicket(id, command),
    );
  withAccount(ticket.command('verify <ticket-id>'))
    .description('recompute a ticket from stored facts and say what differs')
    .action(async (id: string, _flags: object, command: Command) =>
      (await import('./verify.js')).verifyTicket(id, command),
    );
  withAt(withAccount(ticket.command('fills [ticket-id]')))
    .description(
      'write the fills file of a TRADE ticket, to be completed, or corrected once confirmed (default: the oldest open)',
    )
    .option('--csv', 'as CSV, for a spreadsheet; else JSON')
    .option('--out <file>', 'write it there; else to standard output')
    .option('--force', 'write it also where a file of that name is')
    .action(async (id: string | undefined, _flags: object, command: Command) =>
      (await import('./fills.js')).writeFills(id, command),
    );
  withAccount(program.command('tickets-last'))
    .description('the newest tickets')
    .option('--limit <n>', `how many (default: ${DEFAULTS.tickets})`)
    .action(async (_flags: object, command: Command) => (await import('./list.js')).listTickets(command));
}
