import type { Asker } from '../../contract/asker.js';
import { readInput } from '../../contract/day-messages.js';
import { wellFormed } from '../../contract/reading.js';
import { confirmationInForce } from '../../db/confirmations.js';
import { ledgerState } from '../../db/journal.js';
import { liveTicket, type StoredTicket } from '../../db/tickets.js';
import { londonInstant } from '../../domain/calendar/calendar.js';
import { refusalOfAnswer } from '../../domain/confirmation/answer.js';
import { deviationsOf, type Deviation } from '../../domain/confirmation/deviations.js';
import { readFill } from '../../domain/confirmation/fill.js';
import type { LineAcceptance, OwnedDeviation } from '../../domain/confirmation/owned.js';
import { figureRule, type Fill, type FillFigure } from '../../domain/confirmation/shape.js';
import type { FillsTicket } from '../../domain/confirmation/ticket.js';
import { isInstant } from '../../domain/dates.js';
import {
  failureCauses,
  failureInstructions,
  orderText,
  skipRule,
  type FailureCause,
} from '../../domain/decision/instructions.js';
import { outcomeOf, refusal, type Outcome } from '../../domain/errors.js';
import type { Problem } from '../../domain/problems.js';
import { readFigure, type FigureRead } from '../../domain/reconciliation/written-figure.js';
import type { DecimalString, Instant, TicketLine } from '../../domain/types.js';
import { admit, type Gatehouse } from '../installation.js';
import { checkAnswer, fillsTicket } from './check-answer.js';
import { ticketNamed, ticketThatWaits } from './find-ticket.js';

/*
 * What a person who reports fills line by line is asked for, and what each answer would be. Nothing here writes.
 */

/** A ticket line to be answered, with what was ordered in words. */
export interface LineForm {
  line: TicketLine;
  order: string;
  skip: string;
  /** What to write down when it could not be executed as written. */
  failures: { when: string; action: string }[];
  /** The same as data: the status and the note of each. */
  causes: FailureCause[];
}

/** The lines of a ticket, to be answered in their order. @param isWindowOver then none is executed any more */
export const lineForms = (
  { material: { lines, baseCurrency } }: Pick<StoredTicket, 'material'>,
  isWindowOver = false,
): LineForm[] =>
  lines.map((line) => ({
    line,
    order: orderText(line, baseCurrency),
    skip: skipRule(line),
    failures: failureInstructions(line, baseCurrency),
    causes: failureCauses(line, baseCurrency, isWindowOver),
  }));

/** A TRADE ticket to be answered. */
export interface FillsForm {
  ticket: StoredTicket;
  of: FillsTicket;
  lines: LineForm[];
  amend: boolean;
  /** The confirmation that is amended; null where there is none. */
  amends: string | null;
  /** The ledger's cash before the fills; null where it does not say what will be: of a dry run, or an amendment. */
  cash: DecimalString | null;
}

/**
 * The form of the ticket that is meant: the one named, else the one that waits.
 * @returns or NO_TICKET, TICKET_UNKNOWN, TICKET_IS_NO_TRADE, TICKET_SUPERSEDED, TICKET_OF_ANOTHER_DAY,
 *   ALREADY_CONFIRMED_DIFFERENTLY where it was answered and is not to be amended
 */
export function fillsForm(
  where: Gatehouse,
  asker: Asker,
  { account, ticketId, amend }: { account: string; ticketId: string | null; amend: boolean },
): Promise<Outcome<FillsForm>> {
  return outcomeOf(async () => {
    await admit(where, asker, account);
    const { db } = where;
    const ticket = ticketId === null ? await ticketThatWaits(db, account) : await ticketNamed(db, ticketId);
    const live = await liveTicket(db, ticket.account, ticket.tradingDay);
    const no = refusalOfAnswer(ticket, live ?? null, { account, tradingDay: null, kind: 'FILLS' });
    if (no) throw no;
    const inForce = await confirmationInForce(db, ticket.ticketId);
    if (inForce && !amend) {
      const { operator, confirmedAt } = inForce;
      throw refusal(
        'ALREADY_CONFIRMED_DIFFERENTLY',
        `${operator} confirmed ticket ${ticket.ticketId} at ${confirmedAt}; to correct that, type it with --amend`,
      );
    }
    return {
      ticket,
      of: await fillsTicket(db, ticket),
      amend,
      amends: inForce?.confirmationId ?? null,
      cash: ticket.dryRun || inForce ? null : (await ledgerState(db, account)).cash,
      lines: lineForms(ticket),
    };
  });
}

/** A figure of a fill that was typed: a plain number, or thousands that can be read in one way only. */
export const figureTyped = (field: FillFigure, typed: string): FigureRead => readFigure(typed, figureRule(field));

/** The instant of a fill: a UK time `HH:MM` of the trading day, or an instant with its offset. */
export function timeTyped({ of }: Pick<FillsForm, 'of'>, typed: string): { at: Instant } | { rule: string } {
  if (/^([01]\d|2[0-3]):[0-5]\d$/.test(typed)) return { at: londonInstant(of.tradingDay, typed) };
  if (isInstant(typed)) return { at: typed };
  return { rule: 'must be a UK time such as 14:41, or a time with offset, such as 2026-11-23T14:41:00+00:00' };
}

/** What a line says that was answered: what is wrong with it, and in what it departs from the ticket. */
export function lineAnswered(
  { of }: Pick<FillsForm, 'of'>,
  item: Record<string, string | number | null>,
  at: Instant,
): { problems: Problem[] } | { fill: Fill; deviations: Deviation[] } {
  const read = readFill(item, of, at);
  return 'problems' in read ? read : { fill: read.fill, deviations: deviationsOf([read.fill], of) };
}

/** An answer as it would be booked. */
export interface AnswerPreview {
  fills: Fill[];
  deviations: OwnedDeviation[];
}

/** Holds the whole answer against every rule, as the day will; stores and signs nothing. */
export function previewFills(
  where: Gatehouse,
  asker: Asker,
  {
    ticket,
    amend,
    fills,
    acceptDeviation,
    reason,
    amends,
  }: {
    ticket: StoredTicket;
    amend: boolean;
    fills: unknown[];
    acceptDeviation: LineAcceptance[];
    /** Why it is amended, where the door asks for it. */
    reason?: string;
    /** The confirmation that whoever amends has seen; nothing where the one in force is meant, whatever it says. */
    amends?: string | null;
  },
): Promise<Outcome<AnswerPreview>> {
  return outcomeOf(async () => {
    const { account, ticketId } = ticket;
    const said = { account, ticketId, kind: 'FILLS', fills, amend, acceptDeviation } as const;
    wellFormed(readInput('answer', { ...said, ...(reason !== undefined && { reason }) }));
    const admitted = await admit(where, asker, account);
    const { content, deviations } = await checkAnswer(where.db, admitted, {
      ...said,
      amends: amends ?? undefined,
      tradingDay: null,
    });
    return { fills: content.fills, deviations };
  });
}

/** Holds the acknowledgement of a ticket against every rule, as the day will; stores and signs nothing. */
export function previewAcknowledgement(where: Gatehouse, asker: Asker, ticket: StoredTicket): Promise<Outcome<void>> {
  return outcomeOf(async () => {
    const { account, ticketId } = ticket;
    const admitted = await admit(where, asker, account);
    const answer = { account, ticketId, kind: 'ACK', fills: [], amend: false, tradingDay: null } as const;
    await checkAnswer(where.db, admitted, answer);
  });
}
