import type { Command } from 'commander';
import type { ListTickets } from '../../../contract/lists.js';
import { resultOrThrow } from '../../../domain/errors.js';
import { listTickets as ticketsOf } from '../../../operations/day/list-tickets.js';
import { doubtsAmong } from '../../../operations/day/ticket-doubts.js';
import { ofAccount } from '../../../reports/commands.js';
import { answeredWord } from '../../../reports/ticket/answered.js';
import { installationOf } from '../../kit/asker.js';
import { withContext } from '../../kit/context.js';

/** Lists the newest tickets, newest first. */
export async function listTickets(command: Command): Promise<void> {
  await withContext(command, async (context) => {
    const { db, account, policy } = context;
    const { limit } = command.opts<Omit<ListTickets, 'account'>>();
    const tickets = resultOrThrow(await ticketsOf(db, { account: account.account, limit }));
    const doubts = await doubtsAmong(installationOf(context), tickets, policy);
    const { shortId, tableLines } = await import('../../kit/table.js');
    const table = tableLines(
      ['trading day', 'kind', 'reasons', 'confirmed', 'ticket'],
      tickets.map((ticket) => [
        ticket.tradingDay,
        ticket.kind + (ticket.dryRun ? ' dry run' : ''),
        [...new Set(ticket.reasons.map(({ code }) => code))].join(', '),
        answeredWord(ticket, doubts),
        shortId(ticket.ticketId),
      ]),
    );
    return {
      data: tickets.map((ticket) => {
        const [groundless, unconfirmed] = [
          doubts.groundless.get(ticket.ticketId),
          doubts.unproved.get(ticket.ticketId),
        ];
        return { ...ticket, ...(groundless !== undefined && { groundless }), ...(unconfirmed && { unconfirmed }) };
      }),
      lines: tickets.length > 0 ? table : ['There is no ticket yet.'],
      next: tickets.length > 0 ? ofAccount('trading-ops ticket show', account.account) : 'make run-1400',
    };
  });
}
