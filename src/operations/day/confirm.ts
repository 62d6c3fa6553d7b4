import type { Knex } from 'knex';
import type { Asker } from '../../contract/asker.js';
import { readInput, type ConfirmInput, type ConfirmReply } from '../../contract/day-messages.js';
import { wellFormed } from '../../contract/reading.js';
import { appendAudit } from '../../db/audit.js';
import {
  confirmationInForce,
  insertConfirmation,
  lockTicketOfDay,
  type StoredConfirmation,
} from '../../db/confirmations.js';
import { entriesOfConfirmation } from '../../db/journal.js';
import type { StoredTicket } from '../../db/tickets.js';
import { brokenConstraint, inTransaction } from '../../db/transaction.js';
import { overtaken } from '../../domain/confirmation/answer.js';
import type { OwnedDeviation } from '../../domain/confirmation/owned.js';
import { faultError, outcomeOf, refusal, type Refusal } from '../../domain/errors.js';
import { answerAct, type AnswerSaid } from '../../domain/signing/act.js';
import type { Sha256 } from '../../domain/types.js';
import { confirmationIdentity } from '../../domain/reconciliation/identity.js';
import { admit, type Admitted, type Gatehouse } from '../installation.js';
import { proveWithin, recordSignature, refuseReplayed, signedOf, toldOfForgery, type Proof } from '../signing/prove.js';
import type { SigningPlace } from '../signing/place.js';
import { tellDeviations, toldOf } from './tell-deviations.js';
import { tellReceipt } from './tell-receipt.js';
import { bookFills } from './book-fills.js';
import { checkAnswer } from './check-answer.js';
import { countersign } from './countersign.js';
import { amendedMeanwhile } from './overtaken.js';

/**
 * Books a confirmation: the whole of it in one transaction, or nothing. The same content again is the same result,
 * whoever sends it; a different one is refused unless it amends, which reverses what was booked and books anew.
 */
export async function confirm(installation: Gatehouse, asker: Asker, input: ConfirmInput): Promise<ConfirmReply> {
  const outcome = await outcomeOf(async () => {
    const answer = wellFormed(readInput('confirm', input));
    const { account, tradingDay, commandId } = answer;
    const said = { purpose: 'confirm', account, tradingDay } as const;
    const told = { asker, said, subject: `confirm ${commandId}` };
    return toldOfForgery(installation, told, async () => {
      const admitted = await admit(installation, asker, account, said);
      return await inTransaction(installation.db, (trx) =>
        confirmIn(trx, { ...installation, db: trx }, { asker, admitted, answer }),
      ).catch(explained);
    });
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

/** An answer that is to be booked, and who gives it. */
interface Given {
  asker: Asker;
  admitted: Admitted;
  answer: ConfirmInput;
}

async function confirmIn(
  trx: Knex.Transaction,
  place: SigningPlace,
  { asker, admitted, answer }: Given,
): Promise<ConfirmReply> {
  await lockTicketOfDay(trx, answer.account, answer.tradingDay);
  let proof: Proof | undefined;
  const { ticket, content, deviations, hash, inForce, link } = await checkAnswer(
    trx,
    admitted,
    answer,
    async (said) => {
      proof = await proveAnswer(trx, place, asker, said);
    },
  );
  if (!proof) throw faultError('FAULT', `the answer to ticket ${ticket.ticketId} was not held against its signature`);
  if (inForce && link.repeats) {
    await countersign(trx, place, { ticket, inForce, admitted, proof });
    return resultOf(trx, inForce);
  }
  const amends = link.repeats ? null : link.amends;
  const confirmation: StoredConfirmation = {
    confirmationId: confirmationIdentity(ticket.ticketId, hash, amends),
    ticketId: ticket.ticketId,
    kind: answer.kind,
    contentHash: hash,
    amends,
    operator: admitted.operator,
    confirmedAt: admitted.at,
    accepted: content.acceptDeviation ?? [],
  };
  await insertConfirmation(trx, {
    ...confirmation,
    content: { ...content, ...(deviations.length > 0 && { deviations }) },
  });
  if (answer.kind === 'FILLS') await bookFills(trx, ticket, confirmation, content.fills);
  const result = await resultOf(trx, confirmation);
  const signature = await recordSignature(trx, proof, { fact: 'confirmations', ids: [confirmation.confirmationId] });
  const { entries } = result;
  const { reason } = answer;
  await audit(trx, { ticket, confirmation, deviations, entries, reason, admitted, door: asker.door, signature });
  await tellDeviations(trx, { ticket, confirmation, deviations });
  const { fills } = content;
  await tellReceipt(trx, admitted.configuration.policy, { ticket, confirmation, fills, deviations, door: asker.door });
  return { ...result, ...(deviations.length > 0 && { deviations: deviations.map(toldOf) }) };
}

/**
 * Proves that somebody said this. One who amended what somebody else amended in the same moment said something true
 * when they signed it: with a signature that holds for what was in force then, they are told who came first. Anything
 * else that was signed of another confirmation is a forgery, and so is a statement that was used.
 * @throws OpsError ALREADY_CONFIRMED_DIFFERENTLY, and as `proveWithin`
 */
async function proveAnswer(trx: Knex.Transaction, place: SigningPlace, asker: Asker, said: AnswerSaid): Promise<Proof> {
  const amends = await amendedMeanwhile(trx, asker.sign === undefined ? signedOf(asker) : null, said);
  if (amends === null) return proveWithin(place, asker, answerAct(said));
  refuseReplayed(await proveWithin(place, asker, answerAct({ ...said, amends })));
  const inForce = await confirmationInForce(trx, said.ticket.ticketId);
  if (!inForce) throw faultError('FAULT', `the answer to ticket ${said.ticket.ticketId} that was amended is not there`);
  throw overtaken(inForce);
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

async function audit(
  trx: Knex.Transaction,
  {
    ticket,
    confirmation,
    deviations,
    entries,
    reason,
    admitted,
    door,
    signature,
  }: {
    ticket: StoredTicket;
    confirmation: StoredConfirmation;
    deviations: OwnedDeviation[];
    entries: number[];
    /** Why it amends the one before it, where that was said. */
    reason: string | undefined;
    admitted: Admitted;
    door: Asker['door'];
    signature: { signature: Sha256 };
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
      ...(confirmation.amends !== null && reason !== undefined && { reason }),
      ...(deviations.length > 0 && { deviations }),
      book: ticket.dryRun ? 'paper' : 'ledger',
      door,
      ...(admitted.claimedAt !== null && { claimedAt: admitted.claimedAt }),
      ...signature,
    },
  });
}
