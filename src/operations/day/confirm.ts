import type { Knex } from 'knex';
import type { Asker } from '../../contract/asker.js';
import { readInput, type ConfirmInput, type ConfirmReply } from '../../contract/day-messages.js';
import { wellFormed } from '../../contract/reading.js';
import { appendAudit } from '../../db/audit.js';
import {
  confirmationInForce,
  insertConfirmation,
  insertFills,
  lockTicketOfDay,
  type StoredConfirmation,
} from '../../db/confirmations.js';
import type { Db } from '../../db/connect.js';
import { bookEntry, entriesOfConfirmation, type Booking } from '../../db/journal.js';
import { alignPaperBook } from '../../db/paper-book.js';
import { findTicket, liveTicket, type StoredTicket } from '../../db/tickets.js';
import { brokenConstraint, inTransaction } from '../../db/transaction.js';
import {
  answerHash,
  linkOf,
  refusalOfAnswer,
  type AnswerContent,
  type Link,
} from '../../domain/confirmation/answer.js';
import { bookingOfFill } from '../../domain/confirmation/bookings.js';
import { parseFills, shapeOfFills } from '../../domain/confirmation/fill.js';
import type { Fill } from '../../domain/confirmation/shape.js';
import { refuseBeforeDay } from '../../domain/day/clock.js';
import { outcomeOf, refusal, type Refusal } from '../../domain/errors.js';
import { reversalEntry } from '../../domain/ledger/entries.js';
import { confirmationIdentity } from '../../domain/reconciliation/identity.js';
import type { IsoDate, Sha256 } from '../../domain/types.js';
import { admit, type Admitted, type Gatehouse } from '../installation.js';

/**
 * Books a confirmation: the whole of it in one transaction, or nothing. The same content again is the same result,
 * whoever sends it; a different one is refused unless it amends, which reverses what was booked and books anew.
 */
export async function confirm(installation: Gatehouse, asker: Asker, input: ConfirmInput): Promise<ConfirmReply> {
  const outcome = await outcomeOf(async () => {
    const answer = wellFormed(readInput('confirm', input));
    const admitted = await admit(installation, asker, answer.account);
    return await inTransaction(installation.db, (trx) =>
      confirmIn(trx, admitted, { ...answer, door: asker.door }),
    ).catch(explained);
  });
  return outcome.ok ? outcome.result : refusedReply(outcome.refusal);
}

export const refusedReply = (reason: Refusal): ConfirmReply => ({
  status: 'REFUSED',
  confirmationId: null,
  entries: [],
  reason,
});

/** Rules that the schema keeps, whoever wrote around the operation; anything else is a fault and goes on up. */
function explained(error: unknown): never {
  const message = error instanceof Error ? error.message.replace(/^.* - /s, '') : String(error);
  switch (brokenConstraint(error)) {
    case 'postings_units_check':
      throw refusal(
        'UNITS_WOULD_BE_NEGATIVE',
        `${message}: nothing was booked. Check the units against eToro, or reconcile first`,
      );
    case 'confirmations_live_ticket_check':
      throw refusal('TICKET_SUPERSEDED', message);
    case 'confirmations_first_of_ticket_uniq':
    case 'confirmations_amends_uniq':
      throw refusal(
        'ALREADY_CONFIRMED_DIFFERENTLY',
        'somebody else confirmed this ticket at the same moment: look at it again',
      );
    default:
      throw error;
  }
}

/** An answer that every rule lets pass, and its place in the chain of those before. */
export interface CheckedAnswer {
  ticket: StoredTicket;
  content: AnswerContent;
  hash: Sha256;
  inForce: StoredConfirmation | null;
  link: Link;
}

/** What is answered: as a message says it, or as a person types it, with the text of a file and no day. */
export interface Answer extends Pick<ConfirmInput, 'account' | 'ticketId' | 'kind' | 'amend'> {
  tradingDay: IsoDate | null;
  fills: unknown;
}

/**
 * Holds an answer against everything that is stored of its ticket. What was accepted once is told again whatever a
 * later version would say of it; anything new must be of the day, and its fills between the ticket and now.
 * @throws OpsError TICKET_UNKNOWN, TICKET_OF_ANOTHER_DAY, TICKET_SUPERSEDED, TICKET_IS_TRADE, TICKET_IS_NO_TRADE,
 *   FILLS_INVALID, CLAIM_BEFORE_DAY, ALREADY_CONFIRMED_DIFFERENTLY
 */
export async function checkAnswer(db: Db, admitted: Admitted, answer: Answer): Promise<CheckedAnswer> {
  const ticket = await findTicket(db, answer.ticketId);
  if (!ticket) {
    throw refusal(
      'TICKET_UNKNOWN',
      `ticket ${answer.ticketId} is not stored: it was never issued here, or a restore has lost it`,
      {
        remedy: 'trading-ops tickets-last',
      },
    );
  }
  const live = await liveTicket(db, ticket.account, ticket.tradingDay);
  const no = refusalOfAnswer(ticket, live ?? null, answer);
  if (no) throw no;
  const inForce = await confirmationInForce(db, ticket.ticketId);
  const { kind, fills } = answer;
  const known = kind === 'ACK' ? [] : shapeOfFills(fills, fillsTicket(ticket));
  if (known && inForce?.contentHash === answerHash({ kind, fills: known })) {
    return { ticket, content: { kind, fills: known }, hash: inForce.contentHash, inForce, link: { repeats: true } };
  }
  refuseBeforeDay(admitted, ticket.tradingDay, admitted.configuration.policy.calendar);
  const content: AnswerContent = {
    kind,
    fills: kind === 'ACK' ? [] : parseFills(fills, fillsTicket(ticket), admitted.at),
  };
  const hash = answerHash(content);
  return { ticket, content, hash, inForce, link: linkOf(inForce, hash, answer.amend) };
}

export const fillsTicket = ({ material, issuedAt }: Pick<StoredTicket, 'material' | 'issuedAt'>) => ({
  ...material,
  issuedAt,
});

async function confirmIn(
  trx: Knex.Transaction,
  admitted: Admitted,
  answer: ConfirmInput & Pick<Asker, 'door'>,
): Promise<ConfirmReply> {
  await lockTicketOfDay(trx, answer.account, answer.tradingDay);
  const { ticket, content, hash, inForce, link } = await checkAnswer(trx, admitted, answer);
  if (inForce && link.repeats) return resultOf(trx, inForce);
  const amends = link.repeats ? null : link.amends;
  const confirmation: StoredConfirmation = {
    confirmationId: confirmationIdentity(ticket.ticketId, hash, amends),
    ticketId: ticket.ticketId,
    kind: answer.kind,
    contentHash: hash,
    amends,
    operator: admitted.operator,
    confirmedAt: admitted.at,
  };
  await insertConfirmation(trx, { ...confirmation, content });
  if (answer.kind === 'FILLS') await book(trx, ticket, confirmation, content.fills);
  const result = await resultOf(trx, confirmation);
  await audit(trx, { ticket, confirmation, entries: result.entries, admitted, door: answer.door });
  return result;
}

async function resultOf(
  trx: Knex.Transaction,
  { confirmationId, kind, confirmedAt }: StoredConfirmation,
): Promise<ConfirmReply> {
  const entries = await entriesOfConfirmation(trx, confirmationId);
  return {
    status: kind === 'ACK' ? 'ACKNOWLEDGED' : 'BOOKED',
    confirmationId,
    entries: entries.map(({ entryId }) => entryId),
    reason: null,
    at: confirmedAt,
  };
}

async function book(
  trx: Knex.Transaction,
  ticket: StoredTicket,
  confirmation: StoredConfirmation,
  fills: Fill[],
): Promise<void> {
  const booking: Omit<Booking, 'idempotencyKey'> = {
    account: ticket.account,
    book: ticket.dryRun ? 'paper' : 'ledger',
    bookedAt: confirmation.confirmedAt,
    operator: confirmation.operator,
    ticketId: ticket.ticketId,
    confirmationId: confirmation.confirmationId,
  };
  if (confirmation.amends !== null)
    await reverse(trx, confirmation.amends, booking, `amended by ${confirmation.operator}`);
  if (ticket.dryRun) await alignPaperBook(trx, booking, ticket.material.baseCurrency, ticket.tradingDay);
  const booked: (Fill & { entryId: number | null })[] = [];
  for (const fill of fills)
    booked.push({ ...fill, entryId: await bookFill(trx, fill, booking, ticket.material.baseCurrency) });
  await insertFills(trx, confirmation.confirmationId, booked);
}

async function reverse(
  trx: Knex.Transaction,
  confirmationId: string,
  booking: Omit<Booking, 'idempotencyKey'>,
  reason: string,
): Promise<void> {
  const entries = (await entriesOfConfirmation(trx, confirmationId)).filter(({ kind }) => kind === 'FILL');
  for (const entry of entries) {
    await bookEntry(trx, reversalEntry(entry, reason), {
      ...booking,
      idempotencyKey: `reversal:${entry.entryId}`,
      reversesEntryId: entry.entryId,
    });
  }
}

async function bookFill(
  trx: Knex.Transaction,
  fill: Fill,
  booking: Omit<Booking, 'idempotencyKey'>,
  baseCurrency: string,
): Promise<number | null> {
  const draft = bookingOfFill(fill, baseCurrency);
  if (!draft) return null;
  const { entryId } = await bookEntry(trx, draft, {
    ...booking,
    idempotencyKey: `fill:${booking.confirmationId}:${fill.sequence}`,
  });
  return entryId;
}

async function audit(
  trx: Knex.Transaction,
  {
    ticket,
    confirmation,
    entries,
    admitted,
    door,
  }: {
    ticket: StoredTicket;
    confirmation: StoredConfirmation;
    entries: number[];
    admitted: Admitted;
    door: Asker['door'];
  },
): Promise<void> {
  const action =
    confirmation.kind === 'ACK'
      ? 'ticket.acknowledged'
      : confirmation.amends === null
        ? 'fills.booked'
        : 'fills.amended';
  await appendAudit(trx, {
    at: confirmation.confirmedAt,
    account: ticket.account,
    actor: confirmation.operator,
    action,
    subject: ticket.ticketId,
    detail: {
      confirmationId: confirmation.confirmationId,
      contentHash: confirmation.contentHash,
      amends: confirmation.amends,
      entries,
      book: ticket.dryRun ? 'paper' : 'ledger',
      door,
      ...(admitted.claimedAt !== null && { claimedAt: admitted.claimedAt }),
    },
  });
}
