import type { Command } from 'commander';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { ticketProblems } from '../../../operations/day/verify-tickets.js';
import { ticketPath } from '../../../reports/paths.js';
import { findTicket, lastTickets, type StoredTicket } from '../../../db/tickets.js';
import { refusal, usageError } from '../../../domain/errors.js';
import { EXIT } from '../../kit/exit.js';
import { withContext, type Context } from '../../kit/context.js';
import { wholeNumber } from '../../kit/whole-number.js';
import { bounded } from '../../../domain/text.js';

/** Prints a ticket as it was written. */
export async function showTicket(id: string | undefined, command: Command): Promise<void> {
  await withContext(command, async (context) => {
    const ticket = id === undefined ? await newest(context) : await find(context, id);
    const file = path.join(context.settings.dataDir, ticketPath(ticket.ticketId, 'md'));
    const text = await readFile(file, 'utf8').catch(
      () => `The file ${file} is missing; the ticket is safe in the database.`,
    );
    return {
      data: ticket,
      lines: [text.trimEnd()],
      next: ticket.confirmed ? `trading-ops ticket verify ${ticket.ticketId}` : confirmCommand(ticket),
    };
  });
}

const confirmCommand = (ticket: StoredTicket): string =>
  ticket.kind === 'TRADE' ? 'FILLS_JSON=/path/to/fills.json make confirm-fills' : 'make confirm';

async function newest({ db, account }: Context): Promise<StoredTicket> {
  const [ticket] = await lastTickets(db, account.account, 1);
  if (ticket) return ticket;
  throw refusal('NO_TICKET', `account ${account.account} has no ticket yet`, { remedy: 'make run-1400' });
}

async function find({ db }: Context, id: string): Promise<StoredTicket> {
  if (!/^[0-9a-f-]{36}$/i.test(id))
    throw usageError('TICKET_INVALID', `ticket: ${bounded(id)}: must be the id of a ticket, a UUID`, {
      remedy: 'trading-ops tickets-last',
    });
  const ticket = await findTicket(db, id);
  if (ticket) return ticket;
  throw refusal('TICKET_UNKNOWN', `ticket: ${bounded(id)}: there is no such ticket`, {
    remedy: 'trading-ops tickets-last',
  });
}

/** Recomputes a ticket from the facts pinned with it, and from those stored now. */
export async function verifyTicket(id: string, command: Command): Promise<void> {
  await withContext(command, async (context) => {
    const ticket = await find(context, id);
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
    const tickets = await lastTickets(
      db,
      account.account,
      wholeNumber('limit', command.opts<{ limit: string }>().limit),
    );
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
