import type { Command } from 'commander';
import { ticketNamed } from '../../../operations/day/find-ticket.js';
import { changedTicketFiles } from '../../../operations/files/render/ticket.js';
import { ticketProblems } from '../../../operations/day/verify-tickets.js';
import { withContext } from '../../kit/context.js';
import { EXIT } from '../../kit/exit.js';

/**
 * Recomputes a ticket from the facts pinned with it, and from those stored now, and compares its files with what is
 * stored.
 */
export async function verifyTicket(id: string, command: Command): Promise<void> {
  await withContext(command, async (context) => {
    const ticket = await ticketNamed(context.db, id);
    const { broken, moved } = await ticketProblems(context.db, ticket);
    const files = await changedTicketFiles({ db: context.db, dataDir: context.settings.dataDir }, ticket);
    const problems = [...broken, ...moved, ...files];
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
