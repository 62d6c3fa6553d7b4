import type { Command } from 'commander';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { newestTicket, ticketNamed } from '../../../operations/day/find-ticket.js';
import { nextOfTicket } from '../../../reports/catalogue/next.js';
import { ticketPath } from '../../../reports/paths.js';
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
