import type { Knex } from 'knex';
import type { DeviationTold } from '../../contract/day-messages.js';
import type { StoredConfirmation } from '../../db/confirmations.js';
import type { StoredTicket } from '../../db/tickets.js';
import { sumOfDeviations } from '../../domain/confirmation/deviations.js';
import { deviationText, type OwnedDeviation } from '../../domain/confirmation/owned.js';
import { raiseAlert, recoverAlert } from '../alerts/raise.js';

/**
 * Whoever else is responsible hears that fills departed from their ticket, and why: an alert of the confirmation. What
 * an amendment replaced is over.
 */
export async function tellDeviations(
  trx: Knex.Transaction,
  {
    ticket,
    confirmation: { confirmationId, amends, operator, confirmedAt: at },
    deviations,
  }: { ticket: StoredTicket; confirmation: StoredConfirmation; deviations: readonly OwnedDeviation[] },
): Promise<void> {
  const { account, tradingDay, material } = ticket;
  const code = 'TICKET_DEVIATION' as const;
  if (amends !== null)
    await recoverAlert(trx, { account, code, subject: amends, at, message: `${operator} amended the confirmation.` });
  if (deviations.length === 0) return;
  const { lines, amountBase } = sumOfDeviations(deviations);
  const reasons = new Map(deviations.map(({ sequence, reason }) => [sequence, `line ${sequence}: ${reason}`]));
  await raiseAlert(trx, {
    account,
    tradingDay,
    code,
    subject: confirmationId,
    at,
    message:
      `${operator} reported fills of ticket ${ticket.ticketId} of ${tradingDay} that depart from it on ${lines} ` +
      `${lines === 1 ? 'line' : 'lines'}, by ${amountBase} ${material.baseCurrency}, and owns it ` +
      `(${[...reasons.values()].join('; ')}):\n` +
      deviationText(deviations),
    evidence: { ticketId: ticket.ticketId, confirmationId, deviations },
  });
}

/** A deviation as an answer tells it. */
export const toldOf = ({ sequence, symbol, kind, value, text, amountBase, reason }: OwnedDeviation): DeviationTold => ({
  sequence,
  symbol,
  kind,
  value,
  text,
  amountBase,
  reason,
});
