import { confirmationInForce } from '../../db/confirmations.js';
import type { Db } from '../../db/connect.js';
import { liveTicket, type StoredTicket } from '../../db/tickets.js';
import { refusalOfAnswer } from '../../domain/confirmation/answer.js';
import { refusal } from '../../domain/errors.js';
import { bounded } from '../../domain/text.js';

/**
 * Refuses to go on with a ticket of which nothing is to be executed: it has no lines, another took its place, or it
 * has its answer.
 * @throws OpsError TICKET_IS_NO_TRADE, TICKET_SUPERSEDED, EXECUTION_OVER
 */
export async function refuseUnlessExecutable(db: Db, ticket: StoredTicket): Promise<void> {
  const { account, ticketId, tradingDay } = ticket;
  const live = await liveTicket(db, account, tradingDay);
  const no = refusalOfAnswer(ticket, live ?? null, { account, tradingDay: null, kind: 'FILLS' });
  if (no) throw no;
  const inForce = await confirmationInForce(db, ticketId);
  if (inForce === null) return;
  const { operator, confirmedAt } = inForce;
  throw refusal('EXECUTION_OVER', `${bounded(operator)} confirmed ticket ${ticketId} at ${confirmedAt}`, {
    remedy: `trading-ops ticket show ${ticketId}`,
  });
}
