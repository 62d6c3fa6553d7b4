import type { Command } from 'commander';
import type { ListTickets } from '../../../contract/lists.js';
import { resultOrThrow } from '../../../domain/errors.js';
import { listTickets as ticketsOf } from '../../../operations/day/list-tickets.js';
import { withContext } from '../../kit/context.js';

/** Lists the newest tickets, newest first. */
export async function listTickets(command: Command): Promise<void> {
  await withContext(command, async ({ db, account }) => {
    const { limit } = command.opts<Omit<ListTickets, 'account'>>();
    const tickets = resultOrThrow(await ticketsOf(db, { account: account.account, limit }));
    const { default: Table } = await import('cli-table3');
    const table = new Table({
      head: ['trading day', 'kind', 'reasons', 'confirmed', 'ticket'],
      style: { head: [], border: [] },
    });
    for (const ticket of tickets) {
      const codes = [...new Set(ticket.reasons.map(({ code }) => code))].join(', ');
      table.push([
        ticket.tradingDay,
        ticket.kind + (ticket.dryRun ? ' dry run' : ''),
        codes,
        ticket.confirmed ? 'yes' : 'no',
        ticket.ticketId,
      ]);
    }
    return {
      data: tickets,
      lines: tickets.length > 0 ? [table.toString()] : ['There is no ticket yet.'],
      next: tickets.length > 0 ? 'trading-ops ticket show' : 'make run-1400',
    };
  });
}
