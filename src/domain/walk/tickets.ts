import { contentHash } from '../hash.js';
import type { IsoDate, Sha256 } from '../types.js';

/** The ticket of a session: its id is made of account, day and the hash of all that it says. */
export interface TicketOfSession {
  tradingDay: IsoDate;
  ticketId: string;
}

/** The tickets that a time past was walked with: equal digests are the very same tickets on every day. */
export interface TicketsOfWalk {
  /** Of each session that had one, oldest first. */
  tickets: TicketOfSession[];
  ticketsDigest: Sha256;
}

/** The tickets of sessions, in their order, with the digest over all of them. @param days null: no ticket that day */
export function ticketsOfWalk(days: readonly { tradingDay: IsoDate; ticketId: string | null }[]): TicketsOfWalk {
  const tickets = days.flatMap(({ tradingDay, ticketId }) => (ticketId === null ? [] : [{ tradingDay, ticketId }]));
  return { tickets, ticketsDigest: contentHash(tickets) };
}
