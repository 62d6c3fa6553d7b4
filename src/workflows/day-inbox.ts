import { ApplicationFailure } from '@temporalio/common';
import { defineQuery, defineSignal, defineUpdate, setHandler } from '@temporalio/workflow';
import type { z } from 'zod';
import { createInbox, type Inbox } from './inbox.js';
import { confirmSchema, issueSchema, openSchema, problemsOf, recallSchema, reconcileSchema, tickSchema } from './message-schemas.js';
import {
  DAY_MESSAGES, type ConfirmCommand, type ConfirmReply, type DayView, type IssueCommand, type IssueReply, type OpenCommand,
  type RecallCommand, type ReconcileCommand, type ReconcileReply, type TickCommand,
} from './messages.js';

export type DayMessage =
  | { kind: 'open'; command: OpenCommand }
  | { kind: 'reconcile'; command: ReconcileCommand }
  | { kind: 'issue'; command: IssueCommand }
  | { kind: 'confirm'; command: ConfirmCommand }
  | { kind: 'tick'; command: TickCommand }
  | { kind: 'recall'; command: RecallCommand }
  | { kind: 'missed'; command: TickCommand };
export type DayReply = ReconcileReply | IssueReply | ConfirmReply | null;
export type DayInbox = Inbox<DayMessage, DayReply>;

/**
 * Registers every message of a day: call it before anything is awaited. Handlers only record.
 * @param view what the query answers.
 * @param refused told of messages whose shape is wrong: a signal handler must never throw, or the day is stuck.
 */
export function receiveMessages(view: () => DayView, refused: (message: string, why: string) => void): DayInbox {
  const inbox: DayInbox = createInbox();
  setHandler(defineQuery<DayView>(DAY_MESSAGES.day), view, { description: 'The whole state of the day' });
  receiveSignal('open', openSchema, 'The morning run opens the day');
  receiveSignal('tick', tickSchema, 'Simulated clocks: time has come to an instant');
  receiveSignal('recall', recallSchema, 'Postgres was restored: the day stands where it is stored');
  receiveSignal('missed', tickSchema, 'The 14:00 run was missed, so there is no ticket to wait for');
  receiveBoth('reconcile', reconcileSchema, 'The broker\'s figures, to be compared with the ledger');
  receiveBoth('issue', issueSchema, 'Issue the ticket of the day');
  receiveBoth('confirm', confirmSchema, 'The operator\'s answer to the ticket');
  return inbox;

  function receiveSignal(kind: DayMessage['kind'], schema: z.ZodType, description: string): void {
    setHandler(defineSignal<[unknown]>(kind), (payload) => {
      const parsed = schema.safeParse(payload);
      if (parsed.success) inbox.put({ kind, command: parsed.data } as DayMessage);
      else refused(`signal ${kind}`, problemsOf(parsed.error, payload));
    }, { description });
  }

  /** A signal, and its update twin that gives the sender the outcome. */
  function receiveBoth(kind: DayMessage['kind'], schema: z.ZodType, description: string): void {
    receiveSignal(kind, schema, description);
    setHandler(defineUpdate<DayReply, [unknown]>(`${kind}Update`), (payload) => inbox.ask({ kind, command: schema.parse(payload) } as DayMessage), {
      description,
      validator: (payload) => {
        const parsed = schema.safeParse(payload);
        if (!parsed.success) throw ApplicationFailure.nonRetryable(problemsOf(parsed.error, payload), 'MESSAGE_INVALID');
      },
    });
  }
}
