import { listTicketsSchema, type ListTickets } from '../../contract/lists.js';
import { parseInput } from '../../contract/reading.js';
import type { Db } from '../../db/connect.js';
import { lastTickets, type StoredTicket } from '../../db/tickets.js';
import { outcomeOf, type Outcome } from '../../domain/errors.js';

/** The newest tickets of an account, newest first. */
export function listTickets(db: Db, input: ListTickets): Promise<Outcome<StoredTicket[]>> {
  return outcomeOf(() => {
    const { account, limit } = parseInput(listTicketsSchema, input);
    return lastTickets(db, account, limit);
  });
}
