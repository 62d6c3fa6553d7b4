import type { Policy } from '../../domain/policy/policy.js';
import type { IsoDate, UniverseRow } from '../../domain/types.js';
import type { Db } from '../../db/connect.js';
import { loadPolicy, loadUniverse } from '../../db/configurations.js';
import { askTogether } from '../../db/questions.js';
import { gatesQuestion, type GateRow } from '../../db/gates.js';
import { pricesQuestion, type PriceSeries } from '../../db/known-prices.js';
import { snapshotDateQuestion } from '../../db/snapshots.js';
import { findTicketRow, type TicketRow } from '../../db/ticket-documents.js';

export interface TicketFacts {
  ticket: TicketRow;
  gates: GateRow[];
  /** Split-adjusted closes of the ticket's symbols, from the facts pinned to the ticket. */
  prices: PriceSeries[];
  policy: Policy;
  universe: UniverseRow[];
  /** The date that the broker's figures it rests on are of; null where it rests on none. */
  snapshotDate: IsoDate | null;
}

/** Everything a ticket says; undefined for an unknown one. Only facts that never change after it was issued. */
export async function loadTicketFacts(db: Db, ticketId: string): Promise<TicketFacts | undefined> {
  const ticket = await findTicketRow(db, ticketId);
  if (!ticket) return undefined;
  const policy = await loadPolicy(db, ticket.material.policyHash);
  const universe = await loadUniverse(db, ticket.material.universeHash);
  const [gates, prices, snapshotDate] = await askTogether(
    db,
    gatesQuestion(db, ticket.runId, ticket.account),
    pricesQuestion(db, {
      source: policy.market_data.provider,
      symbols: ticket.material.lines.map(({ symbol }) => symbol),
      asOfDate: ticket.asOfDate,
      cutoff: { kind: 'ticket', ticketId },
    }),
    snapshotDateQuestion(db, ticket.material.snapshotId),
  );
  return { ticket, gates, prices, policy, universe, snapshotDate };
}
