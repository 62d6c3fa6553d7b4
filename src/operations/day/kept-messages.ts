import type { Client } from '@temporalio/client';
import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import { DAY_MESSAGES, type DayKey } from '../../contract/day-messages.js';
import { tradingDayId, WORKFLOWS } from '../../contract/workflows.js';
import { answerHash, type AnswerContent } from '../../domain/confirmation/answer.js';
import { isInstant } from '../../domain/dates.js';
import type { Instant, IsoDate, Sha256 } from '../../domain/types.js';
import type { Message } from './ask-day.js';

/** Something that a person told a day and that nobody has handled yet. */
export interface KeptMessage {
  name: 'reconcile' | 'confirm';
  /** Who says so, in the message; it is proved when it is handled. */
  operator: string | null;
  /** By the clock of the machine, or of the server. */
  sentAt: Instant;
  /** The same by its sender: of a rehearsal the clock of the account, otherwise a claim; null where it says none. */
  at: Instant | null;
  /** The ticket that is answered. */
  ticketId: string | null;
  /** Whether it takes the place of an answer that stands. */
  isAmendment: boolean;
  /** What a stored answer of the same content is known by; null of what is no answer. */
  contentHash: Sha256 | null;
  /** The same id is the same message. */
  commandId: string | null;
}

type Answer = Awaited<ReturnType<Client['workflowService']['getWorkflowExecutionHistoryReverse']>>;
type Event = NonNullable<NonNullable<Answer['history']>['events']>[number];

/** Events of a day's end that are looked at: whatever waits was left after everything that was handled. */
const EVENTS_MAX = 200;
/** gRPC's code for what is not there. */
const NOT_FOUND = 5;

/**
 * What was told to a day, by whatever door, and waits for a worker: signals that no workflow has seen, and activities
 * that were asked for and never ended. Newest first; a day that was never opened has none.
 */
export async function keptMessages(client: Client, { account, tradingDay }: DayKey): Promise<KeptMessage[]> {
  const asked = {
    namespace: client.options.namespace,
    execution: { workflowId: tradingDayId(account, tradingDay) },
    maximumPageSize: EVENTS_MAX,
  };
  try {
    const { history } = await client.workflowService.getWorkflowExecutionHistoryReverse(asked);
    return waitingIn(history?.events ?? []);
  } catch (error) {
    if ((error as { code?: unknown }).code === NOT_FOUND) return [];
    throw error;
  }
}

/**
 * Whether a day waits for the worker to take up what it was told last. Until then a message may be in no history: the
 * server writes down what comes while a worker has the day in its hands when that one is done, or given up.
 */
export async function isInHands(client: Client, { account, tradingDay }: DayKey): Promise<boolean> {
  const { namespace } = client.options;
  const execution = { workflowId: tradingDayId(account, tradingDay) };
  const { pendingWorkflowTask } = await client.workflowService.describeWorkflowExecution({ namespace, execution });
  return Boolean(pendingWorkflowTask);
}

/** A message as it waits. */
export function keptOf({ name, command }: Pick<Message, 'name' | 'command'>, sentAt: Instant): KeptMessage {
  const text = textsOf(command);
  const at = text('at');
  return {
    name,
    operator: text('operator'),
    sentAt,
    at: at !== null && isInstant(at) ? at : null,
    ticketId: text('ticketId'),
    isAmendment: (command as { amend?: unknown } | null | undefined)?.amend === true,
    contentHash: name === 'confirm' ? hashOf(command) : null,
    commandId: text('commandId'),
  };
}

/** Whoever reaches the server may leave anything: what has no hash is no stored answer either. */
function hashOf(command: unknown): Sha256 | null {
  const { kind, fills, acceptDeviation } = Object(command) as AnswerContent;
  try {
    return answerHash({ kind, fills, acceptDeviation });
  } catch {
    return null;
  }
}

/** Days of an account that the server has under way, where something may wait that no page looks for by its day. */
export async function daysUnderWay(client: Client, account: string): Promise<IsoDate[]> {
  const own = tradingDayId(account, '');
  const days: IsoDate[] = [];
  for await (const id of daysRunning(client)) if (id.startsWith(own)) days.push(id.slice(own.length));
  return days;
}

/** Ids of the trading days of all accounts that the server has under way. */
export async function* daysRunning(client: Client): AsyncGenerator<string> {
  const query = `WorkflowType = '${WORKFLOWS.tradingDay}' AND ExecutionStatus = 'Running'`;
  for await (const { workflowId } of client.workflow.list({ query })) yield workflowId;
}

/** @param newestFirst the end of a day's history */
function waitingIn(newestFirst: readonly Event[]): KeptMessage[] {
  const ended = new Set(newestFirst.flatMap((event) => endOf(event) ?? []));
  const seen = newestFirst.findIndex(({ workflowTaskCompletedEventAttributes: task }) => task);
  const told = newestFirst.flatMap((event, index) => {
    const { workflowExecutionSignaledEventAttributes: signal, activityTaskScheduledEventAttributes: activity } = event;
    if (signal && (seen < 0 || index < seen)) return messageOf(signal.signalName, signal.input?.payloads, event);
    if (activity && !ended.has(String(event.eventId)))
      return messageOf(activity.activityType?.name, activity.input?.payloads, event);
    return [];
  });
  // What was asked and not answered in time was left as a signal too: it is one message.
  const first = new Map(told.toReversed().map((message) => [`${message.name} ${message.commandId}`, message]));
  return told.filter(
    (message) => message.commandId === null || first.get(`${message.name} ${message.commandId}`) === message,
  );
}

/** The activity that an event ends, by the event that asked for it. */
function endOf(event: Event): string | undefined {
  const end =
    event.activityTaskCompletedEventAttributes ??
    event.activityTaskFailedEventAttributes ??
    event.activityTaskTimedOutEventAttributes ??
    event.activityTaskCanceledEventAttributes;
  return end?.scheduledEventId ? String(end.scheduledEventId) : undefined;
}

function messageOf(
  name: string | null | undefined,
  payloads: readonly Payload[] | null | undefined,
  { eventTime }: Event,
): KeptMessage[] {
  if (name !== DAY_MESSAGES.reconcile && name !== DAY_MESSAGES.confirm) return [];
  const [payload] = payloads ?? [];
  const sentAt = new Date(Number(eventTime?.seconds ?? 0) * 1_000).toISOString();
  const command = payload ? defaultPayloadConverter.fromPayload<unknown>(payload) : null;
  return [keptOf({ name, command }, sentAt)];
}

/** Whoever reaches the server may leave anything: what is no text is passed over, and judged when it is handled. */
function textsOf(command: unknown): (field: string) => string | null {
  return (field) => {
    const value: unknown = (command as Record<string, unknown> | null | undefined)?.[field];
    return typeof value === 'string' ? value.slice(0, TEXT_MAX) : null;
  };
}

/** No name and no id is longer. */
const TEXT_MAX = 100;
