import type { Client } from '@temporalio/client';

/**
 * How many activities a workflow has run side by side, group after group, each with the name of one of them: what one
 * workflow task scheduled is one group.
 * @param within counts only groups scheduled between the two instants (milliseconds); all when left out.
 */
export async function activityGroups(
  client: Client,
  workflowId: string,
  within?: { from: number; to: number },
): Promise<{ at: number; width: number; name: string }[]> {
  const { events } = await client.workflow.getHandle(workflowId).fetchHistory();
  const groups = new Map<string, { at: number; width: number; name: string }>();
  for (const event of events ?? []) {
    const scheduled = event.activityTaskScheduledEventAttributes;
    if (!scheduled) continue;
    const at = Number(event.eventTime?.seconds) * 1_000 + Number(event.eventTime?.nanos) / 1e6;
    if (within && (at < within.from || at > within.to)) continue;
    const key = String(scheduled.workflowTaskCompletedEventId);
    const name = scheduled.activityType?.name ?? '';
    groups.set(key, { at, width: (groups.get(key)?.width ?? 0) + 1, name });
  }
  return [...groups.values()];
}

/** How long each kind of activity of a workflow took altogether, from its start to its report, milliseconds. */
export async function activityTimes(client: Client, workflowId: string): Promise<Map<string, number>> {
  const { events } = await client.workflow.getHandle(workflowId).fetchHistory();
  const at = (event: NonNullable<typeof events>[number] | undefined) =>
    Number(event?.eventTime?.seconds ?? 0) * 1_000 + (event?.eventTime?.nanos ?? 0) / 1e6;
  const byId = new Map((events ?? []).map((event) => [String(event.eventId), event]));
  const times = new Map<string, number>();
  for (const event of events ?? []) {
    const done = event.activityTaskCompletedEventAttributes;
    const name =
      done && byId.get(String(done.scheduledEventId))?.activityTaskScheduledEventAttributes?.activityType?.name;
    if (done && name) times.set(name, (times.get(name) ?? 0) + at(event) - at(byId.get(String(done.startedEventId))));
  }
  return times;
}
