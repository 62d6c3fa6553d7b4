import type { Knex } from 'knex';
import type { Door } from '../../contract/asker.js';
import type { StoredConfirmation } from '../../db/confirmations.js';
import type { StoredTicket } from '../../db/tickets.js';
import { isAtLeast, severityOf } from '../../domain/alerts/codes.js';
import type { OwnedDeviation } from '../../domain/confirmation/owned.js';
import type { Fill } from '../../domain/confirmation/shape.js';
import { alertsOf } from '../../domain/policy/alerts.js';
import type { Policy } from '../../domain/policy/policy.js';
import { fillSentences } from '../../reports/ticket/fill-sentences.js';
import { raiseAlert, recoverAlert } from '../alerts/raise.js';

const CODE = 'CONFIRMATION_RECEIPT';

/** What was booked, and through which door. */
interface Booked {
  ticket: StoredTicket;
  confirmation: StoredConfirmation;
  fills: readonly Fill[];
  deviations: readonly OwnedDeviation[];
  door: Door;
}

/**
 * Tells by every sink that wants it what was booked in whose name: what a page showed is one thing, and this comes by a
 * way that no page controls. A receipt waits for nobody, so it is over as soon as it is told; where no sink would take
 * it, there is none.
 */
export async function tellReceipt(
  trx: Knex.Transaction,
  policy: Policy,
  { ticket, confirmation, fills, deviations, door }: Booked,
): Promise<void> {
  const severity = severityOf(CODE);
  if (!alertsOf(policy).sinks.some((sink) => isAtLeast(severity, sink.min_severity))) return;
  const { account, tradingDay, ticketId, material, dryRun } = ticket;
  const { confirmationId, operator, contentHash, confirmedAt: at, amends, kind } = confirmation;
  const what = kind === 'ACK' ? 'was acknowledged' : amends === null ? 'was confirmed' : 'was confirmed anew (amended)';
  const message = [
    `Ticket ${ticketId} of ${tradingDay} ${what} in the name of ${operator}, by ${door}` +
      `${dryRun ? ', as a dry run' : ''}.`,
    ...(kind === 'ACK' ? [] : fillSentences(fills, deviations, material, null)),
    `Content ${contentHash}, confirmation ${confirmationId}. Was it not you? Stop trading, and look at the audit log.`,
  ].join('\n');
  const about = { account, tradingDay, code: CODE, subject: confirmationId } as const;
  await raiseAlert(trx, { ...about, at, message, evidence: { ticketId } });
  await recoverAlert(trx, { account, code: CODE, subject: confirmationId, at, message: 'It is a receipt.' });
}
