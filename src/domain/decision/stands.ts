import type { TicketMaterial } from '../types.js';
import { isOnlyLater, sameDecision } from './ticket.js';

/** The ticket of a day that stands. */
export interface StandingTicket {
  kind: TicketMaterial['kind'];
  confirmed: boolean;
  runId: string;
  material: TicketMaterial;
}

/**
 * Whether the day's ticket stands against a new decision. One that is confirmed, and a TRADE, which somebody may be executing,
 * are never replaced; a run asks once, so what it was told before a fault is what it is told after it; and a decision that is
 * the same, or differs only by the clock, is no new one.
 */
export const ticketStands = (live: StandingTicket, decided: { runId: string; material: TicketMaterial }): boolean =>
  live.confirmed ||
  live.kind === 'TRADE' ||
  live.runId === decided.runId ||
  sameDecision(live.material, decided.material) ||
  isOnlyLater(live.material, decided.material);
