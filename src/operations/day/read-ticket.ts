import type { Db } from '../../db/connect.js';
import { askTogether } from '../../db/questions.js';
import { fillsOfDay, ticketsOfDay, type AnsweredTicketRow, type FillRow } from '../../db/ticket-documents.js';
import { issuedEarly } from '../../domain/decision/early.js';
import { outcomeOf, refusal, type Outcome } from '../../domain/errors.js';
import { bounded } from '../../domain/text.js';
import { loadTicketFacts, type TicketFacts } from '../../reports/ticket/facts.js';
import { wholeTicketId } from './whole-id.js';

/** A ticket with what became of it. */
export interface ReadTicket {
  facts: TicketFacts;
  /** The tickets of its day: those it took the place of, and those that took its. */
  chain: AnsweredTicketRow[];
  /** Itself among them. */
  own: AnsweredTicketRow | undefined;
  /** What the answer in force reported. */
  fills: FillRow[];
  /** What is said before the first order. */
  warnings: string[];
}

/**
 * A ticket of an account by its id, or the first eight characters or more. Refuses with TICKET_INVALID, TICKET_UNKNOWN
 * (one of another account is none of this one) and ID_AMBIGUOUS.
 */
export function readTicket(
  db: Db,
  { account, ticketId: asked }: { account: string; ticketId: string },
): Promise<Outcome<ReadTicket>> {
  return outcomeOf(async () => {
    const ticketId = await wholeTicketId(db, asked);
    const facts = await loadTicketFacts(db, ticketId);
    if (facts === undefined || facts.ticket.account !== account)
      throw refusal('TICKET_UNKNOWN', `ticket: ${bounded(asked)}: account ${account} has no such ticket`, {
        remedy: 'trading-ops tickets-last',
      });
    const { tradingDay } = facts.ticket;
    const [day, fills] = await askTogether(
      db,
      ticketsOfDay(db, account, tradingDay),
      fillsOfDay(db, account, tradingDay),
    );
    const chain = day.toSorted((one, other) => (one.issuedAt < other.issuedAt ? -1 : 1));
    const own = chain.find((each) => each.ticketId === ticketId);
    const inForce = own?.confirmation?.confirmationId;
    return {
      facts,
      chain,
      own,
      fills: fills.filter(({ confirmationId }) => confirmationId === inForce),
      warnings: issuedEarly({ ...facts.ticket, snapshotDate: facts.snapshotDate }) ?? [],
    };
  });
}
