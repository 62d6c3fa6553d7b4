import type { ConfirmInput } from '../../contract/day-messages.js';
import { confirmationInForce, type StoredConfirmation } from '../../db/confirmations.js';
import type { Db } from '../../db/connect.js';
import { findTicket, liveTicket, type StoredTicket } from '../../db/tickets.js';
import {
  answerHash,
  linkOf,
  refusalOfAnswer,
  type AnswerContent,
  type Link,
} from '../../domain/confirmation/answer.js';
import { parseFills, shapeOfFills } from '../../domain/confirmation/fill.js';
import { refuseBeforeDay } from '../../domain/day/clock.js';
import { refusal } from '../../domain/errors.js';
import type { IsoDate, Sha256 } from '../../domain/types.js';
import type { Admitted } from '../installation.js';

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
