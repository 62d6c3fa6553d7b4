import type { ConfirmInput } from '../../contract/day-messages.js';
import { confirmationInForce, type StoredConfirmation } from '../../db/confirmations.js';
import { loadPolicy } from '../../db/configurations.js';
import type { Db } from '../../db/connect.js';
import { entriesOfConfirmation, ledgerState } from '../../db/journal.js';
import { findTicket, liveTicket, type StoredTicket } from '../../db/tickets.js';
import {
  answerContent,
  answerHash,
  linkOf,
  overtaken,
  refusalOfAnswer,
  type AnswerContent,
  type Link,
} from '../../domain/confirmation/answer.js';
import { parseFills, shapeOfFills } from '../../domain/confirmation/fill.js';
import { beyondMeans, without } from '../../domain/confirmation/means.js';
import { acceptedAgain, type OwnedDeviation } from '../../domain/confirmation/owned.js';
import { ownedAnswer } from '../../domain/confirmation/owned-answer.js';
import type { FillsTicket } from '../../domain/confirmation/ticket.js';
import { refuseBeforeDay } from '../../domain/day/clock.js';
import { refusal, usageError } from '../../domain/errors.js';
import { ledgerSums } from '../../domain/ledger/sums.js';
import { maxPriceDeviationOf } from '../../domain/policy/policy.js';
import type { AnswerSaid } from '../../domain/signing/act.js';
import type { IsoDate, LedgerState, Sha256 } from '../../domain/types.js';
import type { Admitted } from '../installation.js';

/** An answer that every rule lets pass, and its place in the chain of those before. */
export interface CheckedAnswer {
  ticket: StoredTicket;
  content: AnswerContent;
  /** What departs from the ticket, each owned. */
  deviations: OwnedDeviation[];
  hash: Sha256;
  inForce: StoredConfirmation | null;
  link: Link;
}

/** What is answered: as a message says it, or as a person types it, with the text of a file and no day. */
export interface Answer extends Pick<ConfirmInput, 'account' | 'ticketId' | 'kind' | 'amend' | 'acceptDeviation'> {
  tradingDay: IsoDate | null;
  fills: unknown;
  /** The confirmation that whoever amends has seen; left out where nobody says, and the one in force is meant. */
  amends?: string | undefined;
}

/**
 * Holds an answer against everything that is stored of its ticket. What was accepted once is told again whatever a
 * later version would say of it; anything new must be of the day, and its fills between the ticket and now.
 * @param said told what is said of which ticket, before it is held against what others said of it.
 * @throws OpsError TICKET_UNKNOWN, TICKET_OF_ANOTHER_DAY, TICKET_SUPERSEDED, TICKET_IS_TRADE, TICKET_IS_NO_TRADE,
 *   FILLS_INVALID, CLAIM_BEFORE_DAY, UNITS_WOULD_BE_NEGATIVE, CASH_WOULD_BE_NEGATIVE, FILLS_DEVIATE, DEVIATION_INVALID,
 *   ALREADY_CONFIRMED_DIFFERENTLY
 */
export async function checkAnswer(
  db: Db,
  admitted: Admitted,
  answer: Answer,
  said: (answer: AnswerSaid) => Promise<void> = () => Promise.resolve(),
): Promise<CheckedAnswer> {
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
  const { policy } = admitted.configuration;
  const asked = { ...answer, of: await fillsTicket(db, ticket) };
  const repeated = inForce && repeats(asked, inForce);
  if (inForce && repeated) {
    await said({ ticket, hash: inForce.contentHash, amends: inForce.amends });
    return { ticket, content: repeated, deviations: [], hash: inForce.contentHash, inForce, link: { repeats: true } };
  }
  if (inForce && answer.amends !== undefined && answer.amends !== inForce.confirmationId) throw overtaken(inForce);
  refuseBeforeDay(admitted, ticket.tradingDay, policy.calendar);
  const fills = answer.kind === 'ACK' ? [] : parseFills(answer.fills, asked.of, admitted.at);
  // Nobody can own what cannot be: it is refused before what merely departs from the ticket is asked about.
  const beyond = beyondMeans(fills, await meansOf(db, ticket, inForce), {
    cashTolerance: policy.reconciliation.cash_tolerance,
    baseCurrency: ticket.material.baseCurrency,
  });
  if (beyond && (inForce === null || answer.amend)) throw beyond;
  const { content, deviations } = ownedAnswer(asked, fills);
  const hash = answerHash(content);
  await said({ ticket, hash, amends: amendedBy(answer, hash, inForce) });
  const link = linkOf(inForce, hash, answer.amend);
  return { ticket, content, deviations, hash, inForce, link };
}

/** An answer, with the ticket that it answers. */
interface Asked extends Pick<Answer, 'kind' | 'fills' | 'acceptDeviation'> {
  of: FillsTicket;
}

/** The content in force where the answer says the same again. */
function repeats({ kind, fills, acceptDeviation = [], of }: Asked, inForce: StoredConfirmation): AnswerContent | null {
  const known = kind === 'ACK' ? [] : shapeOfFills(fills, of);
  const accepted = acceptedAgain(acceptDeviation, inForce.accepted);
  if (!known || !accepted) return null;
  const content = answerContent(kind, known, accepted);
  return answerHash(content) === inForce.contentHash ? content : null;
}

/**
 * The content of an answer as it will be hashed and stored, for whoever signs it before it is sent.
 * @throws OpsError FILLS_INVALID, FILLS_DEVIATE, DEVIATION_INVALID
 */
export async function contentToSign(
  db: Db,
  ticket: StoredTicket,
  answer: Pick<Answer, 'kind' | 'fills' | 'acceptDeviation'>,
): Promise<AnswerContent> {
  const of = await fillsTicket(db, ticket);
  const read = answer.kind === 'ACK' ? [] : shapeOfFills(answer.fills, of);
  if (!read) throw usageError('FILLS_INVALID', `fills of ticket ${ticket.ticketId}: have not their shape`);
  return ownedAnswer({ ...answer, of }, read).content;
}

/** What there is to trade with: the ledger's, without what the answer in force had booked in it. */
export async function meansOf(
  db: Db,
  { account, dryRun, material }: Pick<StoredTicket, 'account' | 'dryRun' | 'material'>,
  inForce: StoredConfirmation | null,
  ledger?: LedgerState,
) {
  const { cash, units } = ledger ?? (await ledgerState(db, account));
  const booked = inForce && !dryRun ? await entriesOfConfirmation(db, inForce.confirmationId) : [];
  return without({ cash, units }, ledgerSums(booked, material.baseCurrency));
}

/** The ticket as its fills are checked against it, by the policy that it was made under. */
export const fillsTicket = async (
  db: Db,
  { material, issuedAt }: Pick<StoredTicket, 'material' | 'issuedAt'>,
): Promise<FillsTicket> => ({
  ...material,
  issuedAt,
  maxPriceDeviation: maxPriceDeviationOf(await loadPolicy(db, material.policyHash)),
});

/** What an answer takes the place of: the same as the one in force where it repeats it. */
const amendedBy = ({ amend }: Answer, hash: Sha256, inForce: StoredConfirmation | null): string | null =>
  inForce?.contentHash === hash ? inForce.amends : amend ? (inForce?.confirmationId ?? null) : null;
