import { findTicket, lastTickets, unconfirmedTickets, type StoredTicket } from '../../db/tickets.js';
import type { Db } from '../../db/connect.js';
import { ticketMeant } from '../../domain/confirmation/answer.js';
import { outcomeOf, refusal, type Outcome } from '../../domain/errors.js';
import { isBeginningOfId, isUuid } from '../../domain/shapes.js';
import { bounded } from '../../domain/text.js';
import { wholeTicketId } from './whole-id.js';

/** The ticket of that id, or that begins like that. @throws OpsError TICKET_INVALID, TICKET_UNKNOWN, ID_AMBIGUOUS */
export async function ticketNamed(db: Db, id: string): Promise<StoredTicket> {
  const remedy = 'trading-ops tickets-last';
  const ticket = await findTicket(db, await wholeTicketId(db, id));
  if (ticket) return ticket;
  throw refusal('TICKET_UNKNOWN', `ticket: ${bounded(id)}: there is no such ticket`, { remedy });
}

/**
 * The same of an account: one of another account is none of this one.
 * @throws OpsError TICKET_INVALID, TICKET_UNKNOWN, ID_AMBIGUOUS
 */
export async function ticketOfAccount(db: Db, account: string, id: string): Promise<StoredTicket> {
  const ticket = await ticketNamed(db, id);
  if (ticket.account === account) return ticket;
  throw refusal('TICKET_UNKNOWN', `ticket: ${bounded(id)}: account ${account} has no such ticket`, {
    remedy: 'trading-ops tickets-last',
  });
}

/** The whole id of the ticket that is meant; what may not be shortened is left for the rules of who takes it. */
export const ticketIdMeant = (db: Db, asked: string): Promise<Outcome<string>> =>
  outcomeOf(async () => (isBeginningOfId(asked) && !isUuid(asked) ? wholeTicketId(db, asked) : asked));

/** The newest ticket of an account. @throws OpsError NO_TICKET */
export async function newestTicket(db: Db, account: string): Promise<StoredTicket> {
  const [ticket] = await lastTickets(db, account, 1);
  if (ticket) return ticket;
  throw refusal('NO_TICKET', `account ${account} has no ticket yet`, { remedy: 'make run-1400' });
}

/**
 * The ticket that an answer is to when none is named: the oldest open one, else the newest.
 * @throws OpsError NO_TICKET
 */
export async function ticketThatWaits(db: Db, account: string): Promise<StoredTicket> {
  const meant = ticketMeant(await unconfirmedTickets(db, account), (await lastTickets(db, account, 1))[0]);
  if (meant) return meant;
  throw refusal('NO_TICKET', `account ${account} has no ticket to confirm yet`, { remedy: 'make run-1400' });
}
