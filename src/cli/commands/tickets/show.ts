import type { Command } from 'commander';
import path from 'node:path';
import { newestTicket, ticketNamed } from '../../../operations/day/find-ticket.js';
import { nextOfGroundless, nextOfTicket } from '../../../reports/catalogue/next.js';
import { ticketPath } from '../../../reports/paths.js';
import { showTicketScreen } from '../../../operations/day/ticket-screen.js';
import { groundlessWhy } from '../../../operations/day/verify-tickets.js';
import { unprovedAnswers } from '../../../operations/day/unproved-answers.js';
import { machineClock, withContext } from '../../kit/context.js';
import { EXIT } from '../../kit/exit.js';
import { differsLines, screenLines, unconfirmedLines } from './screen-lines.js';

/** Prints a ticket as it fits one screen, and says where its whole page is. */
export async function showTicket(id: string | undefined, command: Command): Promise<void> {
  await withContext(command, async (context) => {
    const ticket =
      id === undefined ? await newestTicket(context.db, context.account.account) : await ticketNamed(context.db, id);
    const file = path.join(context.settings.dataDir, ticketPath(ticket.ticketId, 'md'));
    const screen = await showTicketScreen(context.db, ticket.ticketId);
    const { settings, policy, db } = context;
    const unproved = (await unprovedAnswers({ ...settings, db, now: machineClock }, [ticket.ticketId], policy)).get(
      ticket.ticketId,
    );
    const groundless = await groundlessWhy(db, ticket);
    return {
      ...(groundless !== null && { exitCode: EXIT.refused }),
      data: {
        ...ticket,
        ...(groundless !== null && { groundless }),
        ...(unproved !== undefined && { unconfirmed: unproved }),
      },
      lines: [
        ...differsLines(groundless),
        ...unconfirmedLines(unproved),
        ...(screen === null ? [] : screenLines(screen, file)),
      ],
      next: groundless
        ? nextOfGroundless(ticket.ticketId)
        : unproved
          ? 'trading-ops signatures verify'
          : ticket.confirmed
            ? `trading-ops ticket verify ${ticket.ticketId}`
            : nextOfTicket(ticket),
    };
  });
}
