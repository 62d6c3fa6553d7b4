import { ApplicationFailure } from '@temporalio/common';
import { defineQuery, defineSignal, defineUpdate, setHandler } from '@temporalio/workflow';
import { createInbox, type Inbox } from './inbox.js';
import {
  DAY_MESSAGES,
  readMessage,
  type ConfirmCommand,
  type ConfirmReply,
  type IssueCommand,
  type IssueReply,
  type MomentCommand,
  type ReconcileCommand,
  type ReconcileReply,
} from '../contract/day-messages.js';
import type { Refusal } from '../domain/errors.js';
import type { DayView } from '../domain/day/state.js';

export type DayMessage =
  | { kind: 'reconcile'; command: ReconcileCommand }
  | { kind: 'issue'; command: IssueCommand }
  | { kind: 'confirm'; command: ConfirmCommand }
  | { kind: 'tick'; command: MomentCommand }
  | { kind: 'recall'; command: MomentCommand }
  | { kind: 'missed'; command: MomentCommand };
export type DayReply = ReconcileReply | IssueReply | ConfirmReply | null;
export type DayInbox = Inbox<DayMessage, DayReply>;

/**
 * Registers every message of a day: call it before anything is awaited. Handlers only record.
 * @param view what the query answers.
 * @param refused told of signals whose shape is wrong: a signal handler must never throw, or the day is stuck. The day waits for it
 *   before it ends, as for every handler.
 */
export function receiveMessages(
  view: () => DayView,
  refused: (kind: DayMessage['kind'], refusal: Refusal) => Promise<void>,
): DayInbox {
  const inbox: DayInbox = createInbox();
  setHandler(defineQuery<DayView>(DAY_MESSAGES.day), view, { description: 'The whole state of the day' });
  receiveSignal('tick', 'Simulated clocks: time has come to an instant');
  receiveSignal('recall', 'Postgres was restored: the day stands where it is stored');
  receiveSignal('missed', 'The 14:00 run was missed, so there is no ticket to wait for');
  receiveBoth('reconcile', "The broker's figures, to be compared with the ledger");
  receiveBoth('issue', 'Issue the ticket of the day');
  receiveBoth('confirm', "The operator's answer to the ticket");
  return inbox;

  function receiveSignal(kind: DayMessage['kind'], description: string): void {
    setHandler(
      defineSignal<[unknown]>(kind),
      (payload) => {
        const read = readMessage(kind, payload);
        if (read.ok) return inbox.put({ kind, command: read.value } as DayMessage);
        return refused(kind, read.refusal);
      },
      { description },
    );
  }

  /** A signal, and its update twin that gives the sender the outcome. */
  function receiveBoth(kind: DayMessage['kind'], description: string): void {
    receiveSignal(kind, description);
    setHandler(
      defineUpdate<DayReply, [unknown]>(`${kind}Update`),
      (payload) => inbox.ask({ kind, command: wellFormed(kind, payload) } as DayMessage),
      {
        description,
        validator: (payload) => void wellFormed(kind, payload),
      },
    );
  }
}

/** The command of an update. Its refusal reaches the sender, and leaves no trace in the day. */
function wellFormed(kind: DayMessage['kind'], payload: unknown): unknown {
  const read = readMessage(kind, payload);
  if (read.ok) return read.value;
  const { kind: errorKind, code, message, remedy } = read.refusal;
  throw ApplicationFailure.nonRetryable(message, code, { kind: errorKind, remedy });
}
