import { refusal, usageError, type OpsError } from '../errors.js';
import { contentHash } from '../hash.js';
import type { Instant, IsoDate, Sha256, TicketMaterial } from '../types.js';
import type { LineAcceptance } from './owned.js';
import type { Fill } from './shape.js';

/** A ticket that may be answered. */
export interface AnsweredTicket {
  ticketId: string;
  account: string;
  tradingDay: IsoDate;
  kind: TicketMaterial['kind'];
}

/** What an operator answers: an acknowledgement of a NO_TRADE, or the fills of a TRADE in canonical form. */
export interface AnswerContent {
  kind: 'ACK' | 'FILLS';
  fills: Fill[];
  /** What the operator owns of the lines that deviate; left out where none does, as by earlier versions. */
  acceptDeviation?: LineAcceptance[];
}

/** The content of an answer; without deviations it is written, and hashed, as earlier versions did. */
export const answerContent = (
  kind: AnswerContent['kind'],
  fills: Fill[],
  acceptDeviation: readonly LineAcceptance[],
): AnswerContent => ({ kind, fills, ...(acceptDeviation.length > 0 && { acceptDeviation: [...acceptDeviation] }) });

/** An answer that is stored. */
export interface EarlierAnswer {
  confirmationId: string;
  kind: 'ACK' | 'FILLS';
  contentHash: Sha256;
  operator: string;
  confirmedAt: Instant;
}

/**
 * The ticket that is meant when none is named: the oldest open one; else the newest, so that a repeated answer finds
 * what came of the first.
 */
export const ticketMeant = <T>(open: readonly T[], newest: T | undefined): T | undefined => open[0] ?? newest;

/**
 * Why a ticket cannot be answered so; null when it can.
 * @param live the ticket of that day that stands.
 * @param answer its day is null when the ticket alone says it.
 */
export function refusalOfAnswer(
  ticket: AnsweredTicket,
  live: Pick<AnsweredTicket, 'ticketId'> | null,
  answer: { account: string; tradingDay: IsoDate | null; kind: AnswerContent['kind'] },
): OpsError | null {
  const { ticketId } = ticket;
  const { account, kind } = answer;
  const tradingDay = answer.tradingDay ?? ticket.tradingDay;
  if (ticket.account !== account || ticket.tradingDay !== tradingDay) {
    return refusal(
      'TICKET_OF_ANOTHER_DAY',
      `ticket ${ticketId} is of ${ticket.tradingDay}, account ${ticket.account}, not of ${tradingDay}, account ${account}`,
    );
  }
  if (live && live.ticketId !== ticketId)
    return refusal('TICKET_SUPERSEDED', `ticket ${ticketId} was superseded by ${live.ticketId}: confirm that one`, {
      remedy: `trading-ops ticket show ${live.ticketId}`,
    });
  if (ticket.kind === 'TRADE' && kind === 'ACK') {
    return refusal(
      'TICKET_IS_TRADE',
      `ticket ${ticketId} is a TRADE: report its fills (SKIPPED where nothing was done) with confirm-fills`,
      {
        remedy: 'FILLS_JSON=/path/to/fills.json make confirm-fills',
      },
    );
  }
  if (ticket.kind === 'NO_TRADE' && kind === 'FILLS') {
    return usageError(
      'TICKET_IS_NO_TRADE',
      `ticket ${ticketId} is NO_TRADE and has nothing to fill: acknowledge it with make confirm`,
      { remedy: 'make confirm' },
    );
  }
  return null;
}

/** What a content is known by. */
export const answerHash = ({ kind, fills, acceptDeviation }: AnswerContent): Sha256 =>
  contentHash({ kind, fills, acceptDeviation });

/** What a sender calls an answer, so that the same answer sent twice is the same message. */
export const answerCommandId = (
  ticketId: string,
  { kind, fills, acceptDeviation }: AnswerContent,
  amend: boolean,
): string => contentHash({ ticketId, kind, fills, acceptDeviation, amend });

/**
 * The no to an amendment of what is in force no longer: somebody else amended it, and whoever amends sees that first.
 * @param inForce the answer that took its place.
 */
export const overtaken = ({ operator, confirmedAt, confirmationId }: EarlierAnswer): OpsError =>
  refusal(
    'ALREADY_CONFIRMED_DIFFERENTLY',
    `${operator} amended it at ${confirmedAt} (confirmation ${confirmationId}): ` +
      'what you amend is in force no longer',
    { remedy: 'nothing was booked: look at what counts now, and amend that where yours is right' },
  );

/** Where an answer stands in the chain of those before: the very one in force, or the next link. */
export type Link = { repeats: true } | { repeats: false; amends: string | null };

/**
 * The chain of answers (docs/RULES.md 1.5): the same content again is the same answer, whoever sends it; a different one is
 * refused unless it amends the one in force.
 * @throws OpsError ALREADY_CONFIRMED_DIFFERENTLY
 */
export function linkOf(inForce: EarlierAnswer | null, hash: Sha256, amend: boolean): Link {
  if (inForce?.contentHash === hash) return { repeats: true };
  if (inForce && !amend) {
    const { confirmationId, kind, operator, confirmedAt } = inForce;
    const what = kind === 'ACK' ? 'acknowledged it' : 'reported other fills';
    throw refusal(
      'ALREADY_CONFIRMED_DIFFERENTLY',
      `${operator} ${what} at ${confirmedAt} (confirmation ${confirmationId}); to correct that, confirm again with --amend`,
    );
  }
  return { repeats: false, amends: inForce?.confirmationId ?? null };
}
