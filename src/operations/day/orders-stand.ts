import type { Knex } from 'knex';
import { ordersStand, type OrdersStand } from '../../domain/confirmation/orders.js';
import type { Instant } from '../../domain/types.js';
import { killSwitchStands } from '../guard/kill-switch-standing.js';

/** How the orders of a ticket stand at an instant, by its window and the kill switch of its account. */
export async function ordersStandAt(
  place: { db: Knex; dataDir: string },
  ticket: { account: string; windowOpensAt: Instant | null; windowClosesAt: Instant | null },
  at: Instant,
): Promise<OrdersStand> {
  const { engaged } = await killSwitchStands(place, ticket.account);
  return ordersStand(ticket, at, engaged);
}
