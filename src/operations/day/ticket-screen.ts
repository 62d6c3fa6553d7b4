import type { Db } from '../../db/connect.js';
import { loadTicketFacts } from '../../reports/ticket/facts.js';
import { ticketScreen, type TicketScreen } from '../../reports/ticket/screen.js';

/** A stored ticket as it fits one screen; null for one that is not stored. */
export async function showTicketScreen(db: Db, ticketId: string): Promise<TicketScreen | null> {
  const facts = await loadTicketFacts(db, ticketId);
  return facts === undefined ? null : ticketScreen(facts);
}
