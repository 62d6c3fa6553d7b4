import { decideTicket } from '../../domain/decision/decide.js';
import { isValuationDue, type DecisionFacts } from '../../domain/decision/facts.js';
import { materialHash, ticketId } from '../../domain/decision/ticket.js';
import type { Decision, Instant } from '../../domain/types.js';
import { findingsOf } from '../../operations/day/market-findings.js';
import type { IssuedTicket, MemoryDesk } from './desk.js';
import { viewOf } from './morning.js';

/** Everything that the ticket of an instant is decided on: what is known of the market, and the account's own. */
export function decisionFacts(desk: MemoryDesk, at: Instant): DecisionFacts {
  const { rules, books, snapshot, valued } = desk;
  const { tradingDay, asOfDate } = desk.dayOf(at);
  return {
    ...viewOf(desk, asOfDate),
    tradingDay,
    asOfDate,
    at,
    mode: rules.mode,
    snapshot,
    openTickets: desk
      .open()
      .filter(({ material }) => material.tradingDay < tradingDay)
      .map(({ ticketId: id, material }) => ({ ticketId: id, tradingDay: material.tradingDay })),
    killSwitch: desk.killSwitch,
    equity: valued && { index: valued.equityIndex, peak: valued.peakIndex, asOfDate: valued.asOfDate },
    valuationDue: isValuationDue({ isValued: valued !== null, opened: books.openedAt(), tradingDay }),
    books: { newest: null },
  };
}

/** Decides and issues the ticket of an instant. */
export function issue(desk: MemoryDesk, at: Instant): { ticket: IssuedTicket; decision: Decision } {
  const facts = decisionFacts(desk, at);
  const decision = decideTicket(facts, findingsOf(facts));
  const { material } = decision;
  const hash = materialHash(material);
  const ticket: IssuedTicket = {
    ticketId: ticketId(material.account, material.tradingDay, hash),
    material,
    materialHash: hash,
    issuedAt: at,
    isConfirmed: false,
  };
  desk.issue(ticket);
  return { ticket, decision };
}
