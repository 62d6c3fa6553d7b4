import type { Client } from '@temporalio/client';
import type { Payload, PayloadConverter } from '@temporalio/common';
import { confirmationIds, confirmationInForce } from '../../db/confirmations.js';
import type { Db } from '../../db/connect.js';
import { findTicket } from '../../db/tickets.js';
import type { Instant } from '../../domain/types.js';
import type { Told } from '../../contract/activities.js';
import type { ConfirmCommand, ConfirmReply } from '../../contract/day-messages.js';
import { WORKFLOWS } from '../../contract/workflows.js';

/**
 * A confirmation that was booked once, as Temporal's history tells, and that Postgres does not have: a restore has
 * lost it.
 */
export interface LostAnswer {
  account: string;
  tradingDay: string;
  confirmationId: string;
  command: ConfirmCommand;
  /** True when its ticket is stored and waits for an answer: then the same answer can be given again. */
  replayable: boolean;
}

/**
 * Confirmations that the days' histories say were booked and that are not stored, oldest first.
 * @param since only days that were under way then or later; null looks at every day that Temporal remembers.
 */
export async function lostAnswers(client: Client, db: Db, since: Instant | null): Promise<LostAnswer[]> {
  const when =
    since === null ? '' : ` AND (ExecutionStatus = 'Running' OR CloseTime >= '${new Date(since).toISOString()}')`;
  const booked: { at: number; input: Told<ConfirmCommand>; reply: ConfirmReply }[] = [];
  for await (const { workflowId, runId } of client.workflow.list({
    query: `WorkflowType = '${WORKFLOWS.tradingDay}'${when}`,
  })) {
    booked.push(...(await confirmationsOf(client, workflowId, runId)));
  }
  const stored = new Set(await confirmationIds(db));
  const lost = booked
    .toSorted((one, other) => one.at - other.at)
    .filter(({ reply }) => reply.confirmationId !== null && !stored.has(reply.confirmationId));
  // Asked twice, an answer is in the history twice.
  const once = [...new Map(lost.map((answer) => [answer.reply.confirmationId as string, answer])).entries()];
  return Promise.all(
    once.map(
      async ([
        confirmationId,
        {
          input: { account, tradingDay, door: _through, ...command },
        },
      ]) => ({ account, tradingDay, confirmationId, command, replayable: await isReplayable(db, command) }),
    ),
  );
}

/** What the activity `confirm` was asked and answered in one run of a day. */
async function confirmationsOf(
  client: Client,
  workflowId: string,
  runId: string,
): Promise<{ at: number; input: Told<ConfirmCommand>; reply: ConfirmReply }[]> {
  const [{ defaultPayloadConverter: converter }, { events }] = await Promise.all([
    import('@temporalio/common'),
    client.workflow.getHandle(workflowId, runId).fetchHistory(),
  ]);
  const asked = new Map(
    (events ?? []).flatMap(({ eventId, activityTaskScheduledEventAttributes: scheduled }) =>
      scheduled?.activityType?.name === 'confirm'
        ? [[String(eventId), decoded(converter, scheduled.input?.payloads) as Told<ConfirmCommand>] as const]
        : [],
    ),
  );
  return (events ?? []).flatMap(({ eventTime, activityTaskCompletedEventAttributes: completed }) => {
    const input = asked.get(String(completed?.scheduledEventId));
    const reply = input && (decoded(converter, completed?.result?.payloads) as ConfirmReply | undefined);
    return input && reply
      ? [{ at: Number(eventTime?.seconds ?? 0) * 1_000 + Number(eventTime?.nanos ?? 0) / 1e6, input, reply }]
      : [];
  });
}

function decoded(converter: PayloadConverter, payloads: readonly Payload[] | null | undefined): unknown {
  const [payload] = payloads ?? [];
  return payload && converter.fromPayload(payload);
}

async function isReplayable(db: Db, { ticketId, amend }: ConfirmCommand): Promise<boolean> {
  const ticket = await findTicket(db, ticketId);
  return ticket !== undefined && (amend || (await confirmationInForce(db, ticketId)) === null);
}
