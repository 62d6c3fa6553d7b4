import type { DecisionFacts } from '../facts.js';
import { unproved, type SignatureFacts } from '../../signing/facts.js';
import type { GateResult, Reason } from '../../types.js';
import { judged, reason } from './result.js';

/**
 * NO CONFIRM, NO TRADE: `TICKET_UNCONFIRMED` for each ticket of an earlier trading day that nobody has answered, or
 * whose answer not as many people have signed as the policy wants: a row that was written around the program answers
 * nothing.
 */
export function confirmationGate({
  openTickets,
  signatures,
}: Pick<DecisionFacts, 'openTickets' | 'signatures'>): GateResult {
  const open = openTickets.map(({ ticketId, tradingDay }) =>
    reason(
      'TICKET_UNCONFIRMED',
      ticketId,
      `the ticket of ${tradingDay} is not confirmed: acknowledge it or report its fills first`,
      { tradingDay },
    ),
  );
  const unsigned = signatures ? unsignedAnswers(signatures) : [];
  return judged('confirmation', [...open, ...unsigned], { openTickets: openTickets.length });
}

const unsignedAnswers = ({ confirmations, keyring, needed, byOwnKeys }: SignatureFacts): Reason[] =>
  confirmations.flatMap((answer) => {
    const why = unproved(answer, keyring, needed, byOwnKeys === true);
    const { ticketId, tradingDay, id } = answer;
    const message = `the ticket of ${tradingDay} is confirmed without a signature that counts: ${why?.code}: ${why?.message}`;
    return why
      ? [reason('TICKET_UNCONFIRMED', ticketId, message, { tradingDay, confirmationId: id, signature: why.code })]
      : [];
  });
