import type { DecisionFacts } from '../facts.js';
import type { GateResult } from '../../types.js';
import { judged, reason } from './result.js';

/** NO CONFIRM, NO TRADE: `TICKET_UNCONFIRMED` for each ticket of an earlier trading day that nobody has answered. */
export function confirmationGate({ openTickets }: Pick<DecisionFacts, 'openTickets'>): GateResult {
  const reasons = openTickets.map(({ ticketId, tradingDay }) =>
    reason(
      'TICKET_UNCONFIRMED',
      ticketId,
      `the ticket of ${tradingDay} is not confirmed: acknowledge it or report its fills first`,
      { tradingDay },
    ),
  );
  return judged('confirmation', reasons, { openTickets: openTickets.length });
}
