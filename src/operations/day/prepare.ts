import { randomUUID } from 'node:crypto';
import type { Asker } from '../../contract/asker.js';
import {
  readInput,
  type ConfirmCommand,
  type ReconcileCommand,
  type TradingDayInput,
} from '../../contract/day-messages.js';
import { wellFormed } from '../../contract/reading.js';
import { ledgerState } from '../../db/journal.js';
import type { StoredTicket } from '../../db/tickets.js';
import { answerCommandId } from '../../domain/confirmation/answer.js';
import type { Acceptance } from '../../domain/confirmation/owned.js';
import { fillsOfText } from '../../domain/confirmation/fill.js';
import { dayOfSnapshot } from '../../domain/day/opening.js';
import { outcomeOf, resultOrThrow, type Outcome } from '../../domain/errors.js';
import type { Seen } from '../../domain/reconciliation/seen.js';
import { answerAct, reconcileAct, type AnswerSaid } from '../../domain/signing/act.js';
import type { Act, Signed } from '../../domain/signing/attestation.js';
import type { IsoDate } from '../../domain/types.js';
import { admit, identify, type Admitted, type Gatehouse } from '../installation.js';
import { tradingDayInput } from './ask.js';
import type { Message } from './ask-day.js';
import { checkAnswer } from './check-answer.js';
import { checkSnapshot, invalid } from './check-snapshot.js';
import { ticketThatWaits } from './find-ticket.js';

/*
 * What a person types, made into the message for the day that is meant, and held against every rule before it is sent:
 * whoever makes a slip hears it at once, also while no worker is up. The day holds it against the same rules again.
 */

export interface SnapshotRead {
  account: string;
  snapshotDate: string;
  cash: string;
  positions: Record<string, string>;
  notes: string | null;
  /** How each figure was read; left out where nobody says. */
  seen?: Seen | undefined;
}

/**
 * The message that reconciles a snapshot with the day it is for: today's session, or the next one while the market is
 * closed.
 * @param made the command's id where it was made before, with a form that may be sent twice: it is the same command
 * then, and has the answer that it had
 */
export async function prepareReconcile(
  where: Gatehouse,
  asker: Asker,
  typed: SnapshotRead,
  made: string | null = null,
): Promise<Outcome<Message & { command: ReconcileCommand }>> {
  return outcomeOf(async () => {
    const { account, ...read } = wellFormed(readInput('snapshot', typed));
    const admitted = await identify(where, asker, account);
    const tradingDay = dayOfSnapshot(admitted.at, admitted.configuration.policy.calendar);
    const checked = checkSnapshot(admitted, { tradingDay, ...read });
    const snapshot =
      'problems' in checked
        ? resultOrThrow<never>({ ok: false, refusal: invalid(checked.problems) })
        : checked.snapshot;
    const commandId = made ?? randomUUID();
    const opens = (await ledgerState(where.db, account)).lastEntryId === null;
    const { seen } = read;
    const place = { purpose: opens ? 'opening' : 'reconcile', account, tradingDay, commandId, seen } as const;
    const signature = await signatureBy(asker, admitted.operator, reconcileAct(place, snapshot));
    const said = { ...snapshot, ...(seen && { seen }) };
    const command: ReconcileCommand = { commandId, ...said, ...senderOf(asker, admitted), ...signature };
    // A day keeps what it answered to an id, also a refusal whose cause is mended: what was recorded once is found by
    // the command's own.
    const id = made === null ? commandId : randomUUID();
    return { day: dayOf(admitted, tradingDay), name: 'reconcile' as const, id, command };
  });
}

export interface AnswerTyped {
  account: string;
  /** The ticket; null for the one that waits. */
  ticketId: string | null;
  kind: 'ACK' | 'FILLS';
  /** The operator's file, JSON or CSV, as text; null for an acknowledgement. */
  fills: string | null;
  amend: boolean;
  /** The confirmation that whoever amends has seen; left out where the one in force is meant, whatever it says. */
  amends?: string;
  /** What deviates and is owned. */
  acceptDeviation?: Acceptance[];
  /** Why an earlier answer is amended. */
  reason?: string;
}

/** The message that answers a ticket. */
export async function prepareConfirm(
  where: Gatehouse,
  asker: Asker,
  typed: AnswerTyped,
): Promise<Outcome<Message & { command: ConfirmCommand; ticket: StoredTicket }>> {
  return outcomeOf(async () => {
    const { amends, ...written } = typed;
    const fills = typed.fills === null ? [] : fillsOfText(typed.fills);
    const {
      account,
      kind,
      amend,
      acceptDeviation = [],
      reason,
      ...read
    } = wellFormed(readInput('answer', { ...written, fills }));
    const admitted = await admit(where, asker, account);
    const ticketId = read.ticketId ?? (await ticketThatWaits(where.db, account)).ticketId;
    const answer = { account, ticketId, kind, fills, amend, amends, acceptDeviation, tradingDay: null };
    let said: AnswerSaid | undefined;
    const { ticket, content } = await checkAnswer(where.db, admitted, answer, (told) => {
      said = told;
      return Promise.resolve();
    });
    const signature = said && (await signatureBy(asker, admitted.operator, answerAct(said)));
    const command: ConfirmCommand = {
      commandId: answerCommandId(ticketId, content, amend),
      ticketId,
      ...content,
      amend,
      ...(amend && reason !== undefined && { reason: reason.trim() }),
      ...senderOf(asker, admitted),
      ...signature,
    };
    return {
      day: dayOf(admitted, ticket.tradingDay),
      name: 'confirm' as const,
      // Not of the content: a day keeps what it answered to an id, also a refusal whose cause is long mended, and the same by
      // a second person has to reach it. What was booked once is found by its content.
      id: randomUUID(),
      command,
      ticket,
    };
  });
}

/** The signature that a message carries, of whoever signs here. */
const signatureBy = async ({ sign }: Asker, operator: string, act: Act): Promise<{ signature?: Signed }> =>
  sign ? { signature: await sign(operator, act) } : {};

const senderOf = ({ door }: Asker, { operator, at }: Admitted) => ({
  operator,
  at,
  ...((door === 'cli' || door === 'desk') && { door }),
});

const dayOf = ({ account, configuration: { policy }, at }: Admitted, tradingDay: IsoDate): TradingDayInput =>
  tradingDayInput(account, tradingDay, policy, at);
