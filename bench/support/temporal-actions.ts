import type { Client } from '@temporalio/client';

/** What one workflow execution costs in actions, as Temporal Cloud bills them, by what for. */
export type ActionCount = Record<string, number>;

/** An activity beats every 2 s (worker/heartbeat.ts); what it says within 80 % of its heartbeat timeout stays with the worker. */
const FIRST_BEAT_S = 2;
const BEAT_SHARE = 0.8;

type Event = NonNullable<
  Awaited<ReturnType<ReturnType<Client['workflow']['getHandle']>['fetchHistory']>>['events']
>[number];

/**
 * Counts the actions of a workflow from its history: starts (a child's is one more, with its parent), activities and
 * each further attempt, timers, signals,
 * accepted updates, upserts of search attributes, markers of local activities, and the heartbeats that must have reached
 * the server, reckoned from how long each activity ran. (docs.temporal.io/evaluate/cloud/actions; docs/RULES.md 9.1.)
 */
export async function actionsOf(client: Client, workflowId: string, runId?: string): Promise<ActionCount> {
  const events = (await client.workflow.getHandle(workflowId, runId).fetchHistory()).events ?? [];
  const count: ActionCount = {};
  const add = (what: string, times = 1) => void (times > 0 && (count[what] = (count[what] ?? 0) + times));
  for (const event of events) {
    if (event.workflowExecutionStartedEventAttributes) add('starts');
    if (event.activityTaskScheduledEventAttributes) add('activities');
    if (event.activityTaskStartedEventAttributes)
      add('further attempts', (event.activityTaskStartedEventAttributes.attempt ?? 1) - 1);
    if (event.timerStartedEventAttributes) add('timers');
    if (event.workflowExecutionSignaledEventAttributes) add('signals');
    if (event.workflowExecutionUpdateAcceptedEventAttributes) add('updates');
    if (event.startChildWorkflowExecutionInitiatedEventAttributes) add('children');
    if (event.upsertWorkflowSearchAttributesEventAttributes) add('search attributes');
    if (event.markerRecordedEventAttributes) add('markers');
  }
  add('heartbeats', heartbeats(events));
  return count;
}

function heartbeats(events: readonly Event[]): number {
  const byId = new Map(events.map((event) => [String(event.eventId), event]));
  const ended = events
    .flatMap((event) => event.activityTaskCompletedEventAttributes ?? event.activityTaskFailedEventAttributes ?? [])
    .map((attributes) => ({
      scheduled: byId.get(String(attributes.scheduledEventId))?.activityTaskScheduledEventAttributes,
      started: byId.get(String(attributes.startedEventId)),
      end: events.find(
        (event) =>
          (event.activityTaskCompletedEventAttributes ?? event.activityTaskFailedEventAttributes) === attributes,
      ),
    }));
  return ended.reduce((sum, { scheduled, started, end }) => {
    const seconds = secondsOf(end) - secondsOf(started);
    const timeout = Number(scheduled?.heartbeatTimeout?.seconds ?? 0);
    return (
      sum +
      (timeout === 0 || seconds < FIRST_BEAT_S ? 0 : 1 + Math.floor((seconds - FIRST_BEAT_S) / (timeout * BEAT_SHARE)))
    );
  }, 0);
}

const secondsOf = (event: Event | undefined): number =>
  Number(event?.eventTime?.seconds ?? 0) + (event?.eventTime?.nanos ?? 0) / 1e9;

export const total = (count: ActionCount): number => Object.values(count).reduce((sum, times) => sum + times, 0);

/** `31: 3 starts, 17 activities, …` */
export const inWords = (count: ActionCount): string =>
  `${total(count)}: ${Object.entries(count)
    .map(([what, times]) => `${times} ${what}`)
    .join(', ')}`;

export function summed(counts: readonly ActionCount[]): ActionCount {
  const sum: ActionCount = {};
  for (const count of counts) for (const [what, times] of Object.entries(count)) sum[what] = (sum[what] ?? 0) + times;
  return sum;
}
