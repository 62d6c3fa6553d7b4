import type { Instant } from '../types.js';

/**
 * Whether orders of a TRADE ticket may be placed: only while it is `open` does any price let one be. `groundless` is
 * one that was not decided on what is stored.
 */
export type OrdersStand = 'stopped' | 'groundless' | 'early' | 'open' | 'over';

/**
 * How the orders of a ticket stand at an instant: its window is meant with both ends, and the kill switch stops also
 * those of a ticket that was issued before it was engaged.
 * @param isStopped whether the kill switch of the ticket's account is engaged
 * @param isGroundless whether the ticket does not come out of what is stored
 */
export function ordersStand(
  { windowOpensAt, windowClosesAt }: { windowOpensAt: Instant | null; windowClosesAt: Instant | null },
  at: Instant,
  { isStopped, isGroundless }: { isStopped: boolean; isGroundless: boolean },
): OrdersStand {
  if (windowClosesAt !== null && at > windowClosesAt) return 'over';
  if (isGroundless) return 'groundless';
  if (isStopped) return 'stopped';
  return windowOpensAt !== null && at < windowOpensAt ? 'early' : 'open';
}
