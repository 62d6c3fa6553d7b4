import { decideTicket, findInMarket } from '../../domain/decision/decide.js';
import { isValuationDue, type DecisionFacts } from '../../domain/decision/facts.js';
import { materialHash, ticketId } from '../../domain/decision/ticket.js';
import { marketWanted } from '../../domain/market/wanted.js';
import type { Decision, Instant } from '../../domain/types.js';
import type { IssuedTicket, MemoryDesk } from './desk.js';

/** Everything that the ticket of an instant is decided on: what is known of the market, and the account's own. */
export function decisionFacts(desk: MemoryDesk, at: Instant): DecisionFacts {
  const { rules, market, books, snapshot, valued } = desk;
  const { account, policy, policyHash, universe, universeHash, mode } = rules;
  const { tradingDay, asOfDate } = desk.dayOf(at);
  const ledger = books.state();
  const wanted = marketWanted(universe, { baseCurrency: account.baseCurrency, units: ledger.units });
  return {
    account,
    tradingDay,
    asOfDate,
    at,
    mode,
    policy,
    policyHash,
    universe,
    universeHash,
    market: market.facts({ asOfDate, ...wanted, renames: books.renames(asOfDate) }),
    ledger,
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
  const decision = decideTicket(facts, findInMarket(facts));
  const { material } = decision;
  const hash = materialHash(material);
  const ticket: IssuedTicket = {
    ticketId: ticketId(material.account, material.tradingDay, hash),
    material,
    materialHash: hash,
    issuedAt: at,
    isConfirmed: false,
  };
  desk.tickets.push(ticket);
  return { ticket, decision };
}
