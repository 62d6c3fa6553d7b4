import { answerHash, refusalOfAnswer } from '../../domain/confirmation/answer.js';
import { bookingOfFill } from '../../domain/confirmation/bookings.js';
import { parseFills } from '../../domain/confirmation/fill.js';
import { beyondMeans } from '../../domain/confirmation/means.js';
import type { LineAcceptance } from '../../domain/confirmation/owned.js';
import { ownedAnswer } from '../../domain/confirmation/owned-answer.js';
import type { Fill } from '../../domain/confirmation/shape.js';
import { confirmationIdentity } from '../../domain/reconciliation/identity.js';
import type { Instant } from '../../domain/types.js';
import type { IssuedTicket, MemoryDesk } from './desk.js';

/**
 * Books the answer to a ticket: an acknowledgement, or its fills. A dry run leaves the ledger alone.
 * @returns the entries that were booked
 * @throws OpsError whatever the rules refuse
 */
export function answerTicket(
  { rules, books, fillsTicket }: MemoryDesk,
  ticket: IssuedTicket,
  { fills, acceptDeviation, at }: { fills: Fill[]; acceptDeviation: LineAcceptance[]; at: Instant },
): number[] {
  const { material, ticketId } = ticket;
  const { account, tradingDay, kind: issued, baseCurrency } = material;
  const kind = issued === 'TRADE' ? 'FILLS' : 'ACK';
  const no = refusalOfAnswer({ ticketId, account, tradingDay, kind: issued }, null, { account, tradingDay, kind });
  if (no) throw no;
  const of = fillsTicket(ticket);
  const read = kind === 'ACK' ? [] : parseFills(fills, of, at);
  const { cash_tolerance: cashTolerance } = rules.policy.reconciliation;
  const beyond = beyondMeans(read, books.state(), { cashTolerance, baseCurrency });
  if (beyond) throw beyond;
  const { content } = ownedAnswer({ kind, acceptDeviation, of }, read);
  const confirmationId = confirmationIdentity(ticketId, answerHash(content), null);
  ticket.isConfirmed = true;
  if (material.dryRun) return [];
  return read.flatMap((fill) => {
    const draft = bookingOfFill(fill, baseCurrency);
    const key = `fill:${confirmationId}:${fill.sequence}`;
    return draft ? [books.book(draft, { at, operator: rules.operator, key, ticketId, confirmationId })] : [];
  });
}
