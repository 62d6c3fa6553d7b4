import type { Command } from 'commander';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { ListTickets } from '../../../contract/lists.js';
import { resultOrThrow } from '../../../domain/errors.js';
import { listTickets as ticketsOf } from '../../../operations/day/list-tickets.js';
import { newestTicket, ticketNamed } from '../../../operations/day/find-ticket.js';
import { ticketProblems } from '../../../operations/day/verify-tickets.js';
import { nextOfTicket } from '../../../reports/catalogue/next.js';
import { ticketPath } from '../../../reports/paths.js';
import { EXIT } from '../../kit/exit.js';
import { withContext } from '../../kit/context.js';

/** Prints a ticket as it was written. */
export async function showTicket(id: string | undefined, command: Command): Promise<void> {
  await withContext(command, async (context) => {
    const ticket =
      id === undefined ? await newestTicket(context.db, context.account.account) : await ticketNamed(context.db, id);
    const file = path.join(context.settings.dataDir, ticketPath(ticket.ticketId, 'md'));
    const text = await readFile(file, 'utf8').catch(
      () => `The file ${file} is missing; the ticket is safe in the database.`,
    );
    return {
      data: ticket,
      lines: [text.trimEnd()],
      next: ticket.confirmed ? `trading-ops ticket verify ${ticket.ticketId}` : nextOfTicket(ticket),
    };
  });
}

/** Recomputes a ticket from the facts pinned with it, and from those stored now. */
export async function verifyTicket(id: string, command: Command): Promise<void> {
  await withContext(command, async (context) => {
    const ticket = await ticketNamed(context.db, id);
    const { broken, moved } = await ticketProblems(context.db, ticket);
    const problems = [...broken, ...moved];
    const data = {
      ticketId: ticket.ticketId,
      verified: problems.length === 0,
      materialHash: ticket.materialHash,
      problems,
    };
    if (problems.length === 0) {
      return {
        data,
        lines: [
          `TICKET_VERIFIED ${ticket.ticketId}`,
          `Recomputed from stored facts: ${ticket.kind}, material hash ${ticket.materialHash}`,
        ],
        next: 'trading-ops day',
      };
    }
    return {
      exitCode: EXIT.refused,
      data,
      lines: [`TICKET_DIFFERS ${ticket.ticketId}`, ...problems],
      next: 'docs/INCIDENTS.md, TICKET_DIFFERS',
    };
  });
}

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
