import type { Knex } from 'knex';
import { ordersStand, type OrdersStand } from '../../domain/confirmation/orders.js';
import type { StoredTicket } from '../../db/tickets.js';
import { refusal } from '../../domain/errors.js';
import type { Instant } from '../../domain/types.js';
import { killSwitchStands } from '../guard/kill-switch-standing.js';
import { nextOfGroundless } from '../../reports/catalogue/next.js';
import { groundlessWhy } from './verify-tickets.js';

/** How the orders of a ticket stand at an instant: by what it rests on, its window and its account's kill switch. */
export async function ordersStandAt(
  place: { db: Knex; dataDir: string },
  ticket: StoredTicket,
  at: Instant,
): Promise<OrdersStand> {
  const { engaged } = await killSwitchStands(place, ticket.account);
  const isGroundless = (await groundlessWhy(place.db, ticket)) !== null;
  return ordersStand(ticket, at, { isStopped: engaged, isGroundless });
}

/**
 * Refuses to execute what was not decided on what is stored.
 * @throws OpsError TICKET_DIFFERS
 */
export async function refuseGroundless(db: Knex, ticket: StoredTicket): Promise<void> {
  const why = await groundlessWhy(db, ticket);
  if (why === null) return;
  throw refusal('TICKET_DIFFERS', `ticket ${ticket.ticketId} was not decided on what is stored: ${why}`, {
    remedy: `place no order of it; ${nextOfGroundless(ticket.ticketId)}`,
  });
}
