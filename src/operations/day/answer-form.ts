import type { Knex } from 'knex';
import { newestClaim } from '../../db/claims.js';
import { confirmationInForce, type StoredConfirmation } from '../../db/confirmations.js';
import { draftOf } from '../../db/drafts.js';
import { ledgerState } from '../../db/journal.js';
import { ask, askTogether } from '../../db/questions.js';
import { signaturesOf } from '../../db/signatures.js';
import { snapshotDateQuestion } from '../../db/snapshots.js';
import { fillsOfDay, type FillRow } from '../../db/ticket-documents.js';
import { liveTicket, type StoredTicket } from '../../db/tickets.js';
import { holderAfter, type Holder } from '../../domain/confirmation/claim.js';
import {
  DRAFT_FIELDS,
  draftContent,
  refuseStale,
  type DraftContent,
  type DraftField,
  type DraftLine,
} from '../../domain/confirmation/draft.js';
import type { OrdersStand } from '../../domain/confirmation/orders.js';
import { issuedEarly } from '../../domain/decision/early.js';
import { outcomeOf, type Outcome } from '../../domain/errors.js';
import { signaturesNeeded, type Policy } from '../../domain/policy/policy.js';
import { answerAct } from '../../domain/signing/act.js';
import { ownSignersOf, peopleOf, signersOf } from '../../domain/signing/verify.js';
import type { DecimalString, Instant } from '../../domain/types.js';
import type { Gatehouse } from '../installation.js';
import { readKeyring } from '../signing/keyring.js';
import type { FillsTicket } from '../../domain/confirmation/ticket.js';
import { fillsTicket, meansOf } from './check-answer.js';
import { lineForms, type LineForm } from './fills-form.js';
import { ticketOfAccount } from './find-ticket.js';
import { ordersStandAt } from './orders-stand.js';
import { unprovedAnswers, type UnprovedAnswer } from './unproved-answers.js';

/** The answer that counts. */
export interface AnswerInForce extends StoredConfirmation {
  fills: FillRow[];
  /** Who has signed it with a key of their own, and whether somebody else has to. */
  signers: string[];
  isWaitingForSigner: boolean;
  /** Why it does not count, where nobody who may has signed it in the name that it has; null where somebody has. */
  unproved: UnprovedAnswer | null;
}

/** A ticket to be answered, whatever has become of it meanwhile: the page says which. */
export interface AnswerForm {
  ticket: StoredTicket;
  of: FillsTicket;
  lines: LineForm[];
  /** The ticket of that day that stands: another one where this was superseded. */
  live: StoredTicket | null;
  answer: AnswerInForce | null;
  /** How many people must sign the answer before it counts. */
  signaturesNeeded: number;
  /** Who can be none of several as they are: they have no key of their own. Nobody where one is enough. */
  lackingKey: string[];
  draft: DraftLine[];
  /** The fields of a line that a draft holds. */
  fields: readonly DraftField[];
  /** Who executes it. */
  holder: Holder | null;
  /** Whether its orders may be placed. */
  stands: OrdersStand;
  /** What is said before the first order. */
  warnings: string[];
}

/** Reads a ticket as it is to be answered at an instant. Refuses with TICKET_INVALID, TICKET_UNKNOWN, ID_AMBIGUOUS. */
export function readAnswerForm(
  where: Gatehouse,
  { account, ticketId, at, policy }: { account: string; ticketId: string; at: Instant; policy: Policy },
): Promise<Outcome<AnswerForm>> {
  return outcomeOf(async () => {
    const { db } = where;
    const ticket = await ticketOfAccount(db, account, ticketId);
    const inForce = await confirmationInForce(db, ticket.ticketId);
    const stands = await ordersStandAt(where, ticket, at);
    const snapshotDate = await ask(db, snapshotDateQuestion(db, ticket.material.snapshotId));
    return {
      ticket,
      fields: DRAFT_FIELDS,
      of: await fillsTicket(db, ticket),
      lines: lineForms(ticket, stands === 'over'),
      live: (await liveTicket(db, account, ticket.tradingDay)) ?? null,
      answer: inForce && (await answered(where, ticket, inForce, policy)),
      signaturesNeeded: signaturesNeeded(policy),
      lackingKey: signaturesNeeded(policy) > 1 ? await withoutKey(where, policy) : [],
      draft: inForce ? [] : await draftOf(db, ticket.ticketId),
      holder: inForce ? null : holderAfter(await newestClaim(db, ticket.ticketId)),
      stands,
      warnings: issuedEarly({ ...ticket, snapshotDate }) ?? [],
    };
  });
}

/** The operators for whom the installation's key signs. */
async function withoutKey(where: Gatehouse, { operators }: Policy): Promise<string[]> {
  const { lines } = await readKeyring(where);
  return operators.filter((name) => !lines.some(({ operator }) => operator === name));
}

/** The ledger's cash, and what it is without what the answer in force booked, which an amendment begins with. */
export interface AnswerCash {
  now: DecimalString;
  before: DecimalString;
}

/**
 * The cash that an answer moves: the whole journal is summed up for it, so that only a page that says it asks.
 * @returns null of a dry run, whose fills go to the paper book
 */
export async function cashOfAnswer(
  db: Knex,
  { ticket, answer }: Pick<AnswerForm, 'ticket' | 'answer'>,
): Promise<AnswerCash | null> {
  if (ticket.dryRun) return null;
  const ledger = await ledgerState(db, ticket.account);
  return { now: ledger.cash, before: (await meansOf(db, ticket, answer, ledger)).cash };
}

async function answered(
  where: Gatehouse,
  ticket: StoredTicket,
  inForce: StoredConfirmation,
  policy: Policy,
): Promise<AnswerInForce> {
  const { db } = where;
  const { confirmationId, contentHash: hash, amends } = inForce;
  const [fills] = await askTogether(db, fillsOfDay(db, ticket.account, ticket.tradingDay));
  const signatures = await signaturesOf(db, 'confirmations', confirmationId);
  const act = answerAct({ ticket, hash, amends });
  const keyring = await readKeyring(where);
  const unproved = signersOf(signatures, act, keyring).includes(inForce.operator)
    ? null
    : ((await unprovedAnswers(where, [ticket.ticketId], policy)).get(ticket.ticketId) ?? null);
  return {
    ...inForce,
    fills: fills.filter((fill) => fill.confirmationId === confirmationId),
    signers: ownSignersOf(signatures, act, keyring),
    unproved,
    isWaitingForSigner: unproved === null && peopleOf(signatures, act, keyring) < signaturesNeeded(policy),
  };
}

/**
 * Refuses what was typed before somebody saved the line otherwise: it would be reported over their words.
 * @param lines as they stand in the form, each with the version of the draft that was read.
 * @throws OpsError DRAFT_STALE
 */
export function refuseStaleLines(
  { draft }: Pick<AnswerForm, 'draft'>,
  lines: readonly { sequence: number; version: number; content: DraftContent }[],
): void {
  for (const line of lines)
    refuseStale(
      draft.find(({ sequence }) => sequence === line.sequence),
      { ...line, content: draftContent(line.content) },
    );
}
