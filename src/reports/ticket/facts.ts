import type { Policy } from '../../domain/policy/policy.js';
import type { UniverseRow } from '../../domain/types.js';
import type { Db } from '../../db/connect.js';
import { loadPolicy, loadUniverse } from '../../db/configurations.js';
import { loadGates, type GateRow } from '../facts-gates.js';
import { loadPrices, type PriceSeries } from '../facts-prices.js';
import { findTicketRow, type TicketRow } from '../facts-tickets.js';

export interface TicketFacts {
  ticket: TicketRow;
  gates: GateRow[];
  /** Split-adjusted closes of the ticket's symbols, from the facts pinned to the ticket. */
  prices: PriceSeries[];
  policy: Policy;
  universe: UniverseRow[];
}

/** Everything a ticket says; undefined for an unknown one. Only facts that never change after it was issued. */
export async function loadTicketFacts(db: Db, ticketId: string): Promise<TicketFacts | undefined> {
  const ticket = await findTicketRow(db, ticketId);
  if (!ticket) return undefined;
  const policy = await loadPolicy(db, ticket.material.policyHash);
  const [gates, universe, prices] = await Promise.all([
    loadGates(db, ticket.runId, ticket.account),
    loadUniverse(db, ticket.material.universeHash),
    loadPrices(db, {
      source: policy.market_data.provider,
      symbols: ticket.material.lines.map(({ symbol }) => symbol),
      asOfDate: ticket.asOfDate,
      cutoff: { kind: 'ticket', ticketId },
    }),
  ]);
  return { ticket, gates, prices, policy, universe };
}
