import { ApplicationFailure } from '@temporalio/common';
import { defineQuery, defineSignal, defineUpdate, patched, setHandler } from '@temporalio/workflow';
import { createInbox, type Inbox } from './inbox.js';
import {
  DAY_CROWDED,
  DAY_MESSAGES,
  isTakenIn,
  readMessage,
  WAITING_MAX,
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

/** Malformed signals of a kind that are told one by one: the rest of a flood is counted. */
const TOLD_MAX = 5;

/** What the day does about messages that it does not take in. */
export interface DayDoor {
  /** What the query answers. */
  view: () => DayView;
  /**
   * Told of signals whose shape is wrong: a signal handler must never throw, or the day is stuck. The day waits for it
   * before it ends, as for every handler.
   */
  refused: (kind: DayMessage['kind'], refusal: Refusal) => Promise<void>;
  /** Told of a signal for which there was no room. */
  crowdedOut: (message: DayMessage, refusal: Refusal) => Promise<void>;
  /** Whether the day is about to begin anew in a fresh history, and takes nothing in until then. */
  isClosing: () => boolean;
  /** Whether its history has become so long that it should begin anew, whoever waits for whom. */
  isLong: () => boolean;
}

/** Registers every message of a day: call it before anything is awaited. Handlers only record. */
export function receiveMessages({ view, refused, crowdedOut, isClosing, isLong }: DayDoor): DayInbox {
  const inbox: DayInbox = createInbox();
  const malformed = new Map<DayMessage['kind'], number>();
  let crowded = 0;
  setHandler(defineQuery<DayView>(DAY_MESSAGES.day), view, { description: 'The whole state of the day' });
  receiveSignal('tick', 'Simulated clocks: time has come to an instant');
  receiveSignal('recall', 'Postgres was restored: the day stands where it is stored');
  receiveSignal('missed', 'The 14:00 run was missed, so there is no ticket to wait for');
  receiveBoth('reconcile', "The broker's figures, to be compared with the ledger");
  receiveBoth('issue', 'Issue the ticket of the day');
  receiveBoth('confirm', "The operator's answer to the ticket");
  return inbox;

  function receiveSignal(kind: DayMessage['kind'], description: string): void {
    setHandler(defineSignal<[unknown]>(kind), (payload) => take(kind, payload), { description });
  }

  function take(kind: DayMessage['kind'], payload: unknown): void | Promise<void> {
    // What is not taken in wakes nobody, and would make the history longer for ever.
    if (isLong() && patched('a-long-day-wakes')) inbox.wake();
    const known = malformed.get(kind) ?? 0;
    // Ten thousand of them came in one task: to say what is wrong with each is what a day would hang in.
    if (known >= TOLD_MAX && !isTakenIn(kind, payload) && patched('a-flood-is-counted')) return;
    const read = readMessage(kind, payload);
    if (!read.ok) {
      malformed.set(kind, known + 1);
      return refused(kind, read.refusal);
    }
    const message = { kind, command: read.value } as DayMessage;
    if (!(isClosing() || isFull(kind)) || !patched('inbox-is-capped')) return inbox.put(message);
    crowded += 1;
    return crowded > TOLD_MAX ? undefined : crowdedOut(message, DAY_CROWDED);
  }

  function isFull(kind: DayMessage['kind']): boolean {
    return inbox.count((message) => message.kind === kind) >= WAITING_MAX;
  }

  /** A signal, and its update twin that gives the sender the outcome. */
  function receiveBoth(kind: DayMessage['kind'], description: string): void {
    receiveSignal(kind, description);
    setHandler(
      defineUpdate<DayReply, [unknown]>(`${kind}Update`),
      (payload) => inbox.ask({ kind, command: wellFormed(kind, payload) } as DayMessage),
      {
        description,
        validator: (payload) => {
          wellFormed(kind, payload);
          // The server lets ten wait, and the run's own request for the ticket is one of them.
          if (isFull(kind) || (kind !== 'issue' && isClosing())) throw failureOf(DAY_CROWDED);
        },
      },
    );
  }
}

/** The command of an update. Its refusal reaches the sender, and leaves no trace in the day. */
function wellFormed(kind: DayMessage['kind'], payload: unknown): unknown {
  const read = readMessage(kind, payload);
  if (read.ok) return read.value;
  throw failureOf(read.refusal);
}

const failureOf = ({ kind, code, message, remedy }: Refusal): ApplicationFailure =>
  ApplicationFailure.nonRetryable(message, code, { kind, remedy });
