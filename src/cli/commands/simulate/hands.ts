import type { Client } from '@temporalio/client';
import {
  DAY_MESSAGES,
  type ConfirmCommand,
  type ConfirmReply,
  type ReconcileCommand,
  type ReconcileReply,
} from '../../../contract/day-messages.js';
import { contentHash } from '../../../domain/hash.js';
import type { IsoDate } from '../../../domain/types.js';
import { askTradingDay, tradingDayInput } from '../../../operations/day/ask.js';
import { tradingDayId } from '../../../contract/workflows.js';
import { startRun } from '../../../operations/runs/start.js';
import { carryOut } from '../../../simulation/carry-out.js';
import type { Hands } from '../../../simulation/operator.js';
import { installationOf } from '../../kit/asker.js';
import type { Context } from '../../kit/context.js';

/** The simulated operator's hands on an installation: the workflows that the commands start, and the operations behind them. */
export function handsOf(client: Client, context: Context): Hands {
  const { account, policy, settings } = context;
  const operator = context.operator();
  const ask = <Reply>(tradingDay: IsoDate, update: string, id: string, message: { at: string }) =>
    askTradingDay<Reply>(
      client,
      settings.taskQueue,
      tradingDayInput(account, tradingDay, policy, message.at),
      update,
      id,
      message,
    );
  return {
    run: async (slot, at) => {
      const input = { at, operator, accounts: [account.account], full: false, dryRun: settings.dryRunTrades };
      const place = { client, taskQueue: settings.taskQueue, calendar: policy.calendar };
      return (await startRun(place, { slot, account: account.account, input })).reply;
    },
    reconcile: (tradingDay, { id, ...snapshot }) => {
      const message: ReconcileCommand = { ...snapshot, commandId: id, snapshotDate: tradingDay, operator };
      return ask<ReconcileReply>(tradingDay, DAY_MESSAGES.reconcileUpdate, id, message);
    },
    confirm: (tradingDay, { ticket, fills, at }) => {
      const content = {
        ticketId: ticket.ticketId,
        kind: ticket.kind === 'TRADE' ? ('FILLS' as const) : ('ACK' as const),
        fills,
      };
      const message: ConfirmCommand = {
        ...content,
        commandId: contentHash({ ...content, amend: false }),
        amend: false,
        operator,
        at,
      };
      return ask<ConfirmReply>(tradingDay, DAY_MESSAGES.confirmUpdate, `confirm-${message.commandId}`, message);
    },
    closed: async (tradingDay) =>
      void (await client.workflow.getHandle(tradingDayId(account.account, tradingDay)).result()),
    carryOut: (errand, at) =>
      carryOut({ installation: installationOf(context), account: account.account, operator }, errand, at),
  };
}
