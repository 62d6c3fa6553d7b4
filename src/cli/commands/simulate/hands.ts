import type { Client } from '@temporalio/client';
import { DAY_MESSAGES, type ConfirmCommand, type ConfirmReply, type ReconcileCommand, type ReconcileReply } from '../../../contract/day-messages.js';
import { recordRuling } from '../../../db/actions.js';
import { outcomeOf } from '../../../domain/errors.js';
import { contentHash } from '../../../domain/hash.js';
import type { Instant, IsoDate } from '../../../domain/types.js';
import { askTradingDay, tradingDayId, tradingDayInput } from '../../../operations/day/ask.js';
import { bookDividend, bookSplit } from '../../../operations/ledger/book.js';
import type { Errand, Hands } from '../../../simulation/operator.js';
import type { Context } from '../../kit/context.js';
import { executeRun } from '../runs/start.js';

/** The simulated operator's hands on an installation: the workflows that the commands start, and the operations behind them. */
export function handsOf(client: Client, context: Context): Hands {
  const { account, policy, settings } = context;
  const operator = context.operator();
  const ask = <Reply>(tradingDay: IsoDate, update: string, id: string, message: { at: string }) =>
    askTradingDay<Reply>(client, settings.taskQueue, tradingDayInput(account, tradingDay, policy, message.at), update, id, message);
  return {
    run: (slot, at) => executeRun(client, slot, {
      taskQueue: settings.taskQueue, account: account.account,
      input: { at, operator, accounts: [account.account], full: false, dryRun: settings.dryRunTrades },
    }),
    reconcile: (tradingDay, { id, ...snapshot }) => {
      const message: ReconcileCommand = { ...snapshot, commandId: id, snapshotDate: tradingDay, operator };
      return ask<ReconcileReply>(tradingDay, DAY_MESSAGES.reconcileUpdate, id, message);
    },
    confirm: (tradingDay, { ticket, fills, at }) => {
      const content = { ticketId: ticket.ticketId, kind: ticket.kind === 'TRADE' ? 'FILLS' as const : 'ACK' as const, fills };
      const message: ConfirmCommand = { ...content, commandId: contentHash({ ...content, amend: false }), amend: false, operator, at };
      return ask<ConfirmReply>(tradingDay, DAY_MESSAGES.confirmUpdate, `confirm-${message.commandId}`, message);
    },
    closed: async (tradingDay) => void await client.workflow.getHandle(tradingDayId(account.account, tradingDay)).result(),
    carryOut: (errand, at) => outcomeOf<unknown>(() => carryOut(context, errand, at)),
  };
}

function carryOut(context: Context, errand: Errand, at: Instant): Promise<unknown> {
  const { db, policy, account } = context;
  const by = { account, operator: context.operator(), at };
  switch (errand.kind) {
    case 'BOOK_SPLIT': return bookSplit(db, by, policy, errand);
    case 'BOOK_DIVIDEND': {
      const { symbol, exDate, withholding } = errand;
      return bookDividend(db, by, policy, { symbol, exDate, paidOn: null, amount: null, units: null, fx: null, withholding, net: null });
    }
    case 'RULE_ON_ACTION': {
      const { symbol, exDate, kind, ruling, value, reason } = errand.ruling;
      return recordRuling(db, { symbol, exDate, kind, ruling, value, reason, operator: by.operator, ruledAt: at });
    }
  }
}
