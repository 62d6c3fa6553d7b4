import type { Client } from '@temporalio/client';
import {
  DAY_MESSAGES,
  type ConfirmCommand,
  type ConfirmReply,
  type ReconcileCommand,
  type ReconcileReply,
} from '../contract/day-messages.js';
import type { Signer } from '../contract/asker.js';
import { findTicket } from '../db/tickets.js';
import { faultError } from '../domain/errors.js';
import { answerCommandId, answerContent, answerHash } from '../domain/confirmation/answer.js';
import { canonicalSnapshot } from '../domain/reconciliation/snapshot.js';
import { answerAct, reconcileAct } from '../domain/signing/act.js';
import type { Policy } from '../domain/policy/policy.js';
import type { Account, IsoDate } from '../domain/types.js';
import { tradingDayId } from '../contract/workflows.js';
import { contentToSign } from '../operations/day/check-answer.js';
import { askTradingDay, tradingDayInput } from '../operations/day/ask.js';
import type { Installation } from '../operations/installation.js';
import { startRun } from '../operations/runs/start.js';
import { carryOut } from './carry-out.js';
import type { Hands } from './operator.js';

/** Where the simulated operator sits, and under which name. */
export interface Seat {
  installation: Installation;
  policy: Policy;
  account: Account;
  operator: string;
  taskQueue: string;
  /** Runs issue what they would trade as dry runs. */
  dryRun: boolean;
  /** Signs whatever the operator asks for. */
  sign: Signer;
}

/**
 * The simulated operator's hands on an installation: the workflows that the commands start, and the operations behind
 * them.
 */
export function handsOf(
  client: Client,
  { installation, policy, account, operator, taskQueue, dryRun, sign }: Seat,
): Hands {
  const ask = <Reply>(tradingDay: IsoDate, update: string, id: string, message: { at: string }) =>
    askTradingDay<Reply>(
      client,
      taskQueue,
      tradingDayInput(account, tradingDay, policy, message.at),
      update,
      id,
      message,
    );
  return {
    run: async (slot, at) => {
      const input = { at, operator, accounts: [account.account], full: false, dryRun };
      const place = { client, taskQueue, calendar: policy.calendar };
      return (await startRun(place, sign, { slot, account: account.account, input })).reply;
    },
    reconcile: async (tradingDay, { id, at, ...figures }) => {
      const snapshot = { ...figures, snapshotDate: tradingDay };
      const place = { purpose: 'reconcile', account: account.account, tradingDay, commandId: id } as const;
      const signature = await sign(operator, reconcileAct(place, canonicalSnapshot(snapshot)));
      const message: ReconcileCommand = { ...snapshot, commandId: id, operator, at, signature };
      return ask<ReconcileReply>(tradingDay, DAY_MESSAGES.reconcileUpdate, id, message);
    },
    confirm: async (tradingDay, { ticket, fills, acceptDeviation, at }) => {
      const content = answerContent(ticket.kind === 'TRADE' ? 'FILLS' : 'ACK', fills, acceptDeviation);
      const { ticketId } = ticket;
      const commandId = answerCommandId(ticketId, content, false);
      const stored = await findTicket(installation.db, ticketId);
      if (!stored) throw faultError('TICKET_UNKNOWN', `ticket ${ticketId} was issued and is not stored`);
      const hash = answerHash(await contentToSign(installation.db, stored, content));
      const said = { ticket: stored, hash, amends: null };
      const signature = await sign(operator, answerAct(said));
      const message: ConfirmCommand = { ticketId, ...content, commandId, amend: false, operator, at, signature };
      return ask<ConfirmReply>(tradingDay, DAY_MESSAGES.confirmUpdate, `confirm-${commandId}-${at}`, message);
    },
    closed: async (tradingDay) =>
      void (await client.workflow.getHandle(tradingDayId(account.account, tradingDay)).result()),
    carryOut: (errand, at) => carryOut({ installation, account: account.account, operator, sign }, errand, at),
  };
}
