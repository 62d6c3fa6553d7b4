import type { Command } from 'commander';
import type { ListTickets } from '../../../contract/lists.js';
import { resultOrThrow } from '../../../domain/errors.js';
import { listTickets as ticketsOf } from '../../../operations/day/list-tickets.js';
import { groundlessAmong } from '../../../operations/day/verify-tickets.js';
import { withContext } from '../../kit/context.js';

/** Lists the newest tickets, newest first. */
export async function listTickets(command: Command): Promise<void> {
  await withContext(command, async ({ db, account }) => {
    const { limit } = command.opts<Omit<ListTickets, 'account'>>();
    const tickets = resultOrThrow(await ticketsOf(db, { account: account.account, limit }));
    const groundless = await groundlessAmong(db, tickets);
    const { shortId, tableLines } = await import('../../kit/table.js');
    const table = tableLines(
      ['trading day', 'kind', 'reasons', 'confirmed', 'ticket'],
      tickets.map((ticket) => [
        ticket.tradingDay,
        ticket.kind + (ticket.dryRun ? ' dry run' : ''),
        [...new Set(ticket.reasons.map(({ code }) => code))].join(', '),
        ticket.confirmed ? 'yes' : groundless.has(ticket.ticketId) ? 'no: TICKET_DIFFERS' : 'no',
        shortId(ticket.ticketId),
      ]),
    );
    return {
      data: tickets,
      lines: tickets.length > 0 ? table : ['There is no ticket yet.'],
      next: tickets.length > 0 ? 'trading-ops ticket show' : 'make run-1400',
    };
  });
}
