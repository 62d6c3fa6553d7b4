import type { Command } from 'commander';
import { readFile } from 'node:fs/promises';
import { lastTickets, unconfirmedTickets, findTicket, type StoredTicket } from '../../../db/tickets.js';
import { refusal, usageError } from '../../../domain/errors.js';
import { EXIT } from '../../kit/exit.js';
import { parseFills } from '../../../domain/confirmation/fill.js';
import { contentHash } from '../../../domain/hash.js';
import type { Fill } from '../../../domain/confirmation/shape.js';
import type { ConfirmCommand, ConfirmReply } from '../../../contract/day-messages.js';
import { askDay } from '../../kit/ask-day.js';
import { withContext, type Context } from '../../kit/context.js';
import type { Answer } from '../../kit/output.js';

interface ConfirmFlags {
  ticket?: string;
  fills?: string;
  amend?: boolean;
}

/** Acknowledges a NO_TRADE ticket. */
export async function acknowledge(command: Command): Promise<void> {
  await withContext(command, async (context) => {
    const flags = command.opts<ConfirmFlags>();
    const ticket = await ticketToConfirm(context, flags.ticket);
    if (ticket.kind === 'TRADE') {
      throw refusal('TICKET_IS_TRADE', `ticket ${ticket.ticketId} of ${ticket.tradingDay} is a TRADE: report its fills, also when nothing was executed`, {
        remedy: 'FILLS_JSON=/path/to/fills.json make confirm-fills',
      });
    }
    return send(context, ticket, 'ACK', [], flags.amend ?? false);
  });
}

/** Reports the fills of a TRADE ticket; either all of them are booked or none. */
export async function confirmFills(command: Command): Promise<void> {
  await withContext(command, async (context) => {
    const flags = command.opts<ConfirmFlags>();
    const file = flags.fills ?? process.env['FILLS_JSON'];
    if (!file) throw usageError('FILLS_MISSING', 'fills: must name a JSON file', { remedy: 'FILLS_JSON=/path/to/fills.json make confirm-fills' });
    const text = await readText(file);
    const ticket = await ticketToConfirm(context, flags.ticket);
    const fills = parseFills(text, { ...ticket.material, issuedAt: ticket.issuedAt }, context.at);
    return send(context, ticket, 'FILLS', fills, flags.amend ?? false);
  });
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw usageError('FILLS_UNREADABLE', `fills: ${file}: cannot be read (${(cause as NodeJS.ErrnoException).code})`, { cause });
  }
}

/** The ticket asked for; else the oldest open one; else the newest, so that a repeated confirmation finds its answer. */
async function ticketToConfirm({ db, account }: Context, asked: string | undefined): Promise<StoredTicket> {
  if (asked !== undefined) {
    if (!/^[0-9a-f-]{36}$/i.test(asked)) throw usageError('TICKET_INVALID', `ticket: ${asked}: must be the id of a ticket, a UUID`);
    const ticket = await findTicket(db, asked);
    if (ticket?.account === account.account) return ticket;
    throw refusal('TICKET_UNKNOWN', `ticket: ${asked}: account ${account.account} has no such ticket`, { remedy: 'trading-ops tickets-last' });
  }
  const [open] = await unconfirmedTickets(db, account.account);
  const ticket = open ?? (await lastTickets(db, account.account, 1))[0];
  if (ticket) return ticket;
  throw refusal('NO_TICKET', `account ${account.account} has no ticket to confirm yet`, { remedy: 'make run-1400' });
}

async function send(context: Context, ticket: StoredTicket, kind: 'ACK' | 'FILLS', fills: Fill[], amend: boolean): Promise<Answer> {
  const content = { ticketId: ticket.ticketId, kind, fills };
  const command: ConfirmCommand = { ...content, commandId: contentHash({ ...content, amend }), amend, operator: context.operator(), at: context.at };
  const reply = await askDay<ConfirmReply>(context, {
    tradingDay: ticket.tradingDay, name: 'confirm', id: `confirm-${command.commandId}`, command, doing: `Confirming ticket ${ticket.ticketId}`,
  });
  if (reply.status === 'REFUSED') {
    return {
      exitCode: EXIT.refused, data: reply, lines: [`CONFIRMATION_REFUSED: ${reply.reason?.code}`, reply.reason?.message ?? ''],
      next: `trading-ops ticket show ${ticket.ticketId}`,
    };
  }
  const booked = reply.entries.length > 0 ? `, ${reply.entries.length} journal ${reply.entries.length === 1 ? 'entry' : 'entries'}${ticket.dryRun ? ' in the paper book' : ''}` : '';
  return {
    data: { ...reply, ticketId: ticket.ticketId, tradingDay: ticket.tradingDay },
    lines: [`CONFIRMATION_${reply.status}: ticket ${ticket.ticketId} of ${ticket.tradingDay}${booked}`, `Confirmation ${reply.confirmationId}`],
    next: (await unconfirmedTickets(context.db, context.account.account)).length > 0 ? 'make confirm (an earlier ticket is still open)' : 'trading-ops ledger-report',
  };
}
