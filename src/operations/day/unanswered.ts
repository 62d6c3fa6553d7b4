import type { Knex } from 'knex';
import { unconfirmedTickets } from '../../db/tickets.js';

/** Whether a ticket of the account still waits for its answer. */
export const isTicketWaiting = async (db: Knex, account: string): Promise<boolean> =>
  (await unconfirmedTickets(db, account)).length > 0;
