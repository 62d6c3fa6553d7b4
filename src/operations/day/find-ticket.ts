import { findTicket, lastTickets, type StoredTicket } from '../../db/tickets.js';
import type { Db } from '../../db/connect.js';
import { refusal, usageError } from '../../domain/errors.js';
import { isUuid } from '../../domain/shapes.js';
import { bounded } from '../../domain/text.js';

/** The ticket of that id. @throws OpsError TICKET_INVALID, TICKET_UNKNOWN */
export async function ticketNamed(db: Db, id: string): Promise<StoredTicket> {
  const remedy = 'trading-ops tickets-last';
  if (!isUuid(id))
    throw usageError('TICKET_INVALID', `ticket: ${bounded(id)}: must be the id of a ticket, a UUID`, { remedy });
  const ticket = await findTicket(db, id);
  if (ticket) return ticket;
  throw refusal('TICKET_UNKNOWN', `ticket: ${bounded(id)}: there is no such ticket`, { remedy });
}

/** The newest ticket of an account. @throws OpsError NO_TICKET */
export async function newestTicket(db: Db, account: string): Promise<StoredTicket> {
  const [ticket] = await lastTickets(db, account, 1);
  if (ticket) return ticket;
  throw refusal('NO_TICKET', `account ${account} has no ticket yet`, { remedy: 'make run-1400' });
}
