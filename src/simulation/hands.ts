import type { Client } from '@temporalio/client';
import {
  DAY_MESSAGES,
  type ConfirmCommand,
  type ConfirmReply,
  type ReconcileCommand,
  type ReconcileReply,
} from '../contract/day-messages.js';
import { answerCommandId, answerContent } from '../domain/confirmation/answer.js';
import type { Policy } from '../domain/policy/policy.js';
import type { Account, IsoDate } from '../domain/types.js';
import { tradingDayId } from '../contract/workflows.js';
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
}

/** The simulated operator's hands on an installation: the workflows that the commands start, and the operations behind them. */
export function handsOf(client: Client, { installation, policy, account, operator, taskQueue, dryRun }: Seat): Hands {
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
      return (await startRun(place, { slot, account: account.account, input })).reply;
    },
    reconcile: (tradingDay, { id, ...snapshot }) => {
      const message: ReconcileCommand = { ...snapshot, commandId: id, snapshotDate: tradingDay, operator };
      return ask<ReconcileReply>(tradingDay, DAY_MESSAGES.reconcileUpdate, id, message);
    },
    confirm: (tradingDay, { ticket, fills, acceptDeviation, at }) => {
      const content = answerContent(ticket.kind === 'TRADE' ? 'FILLS' : 'ACK', fills, acceptDeviation);
      const { ticketId } = ticket;
      const commandId = answerCommandId(ticketId, content, false);
      const message: ConfirmCommand = { ticketId, ...content, commandId, amend: false, operator, at };
      return ask<ConfirmReply>(tradingDay, DAY_MESSAGES.confirmUpdate, `confirm-${commandId}-${at}`, message);
    },
    closed: async (tradingDay) =>
      void (await client.workflow.getHandle(tradingDayId(account.account, tradingDay)).result()),
    carryOut: (errand, at) => carryOut({ installation, account: account.account, operator }, errand, at),
  };
}
