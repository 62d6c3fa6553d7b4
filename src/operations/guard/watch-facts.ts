import type { Client } from '@temporalio/client';
import type { Knex } from 'knex';
import { loadPolicy } from '../../db/configurations.js';
import { liveTickets, slotRuns, type LiveTicket, type OpenedAccount } from '../../db/slots.js';
import { londonInstant, tradingDayOf } from '../../domain/calendar/calendar.js';
import { faultText } from '../../domain/errors.js';
import type { Policy } from '../../domain/policy/policy.js';
import { withoutSettled, type SlotFacts, type SlotRun } from '../../domain/day/slots.js';
import type { OpenTicket } from '../../domain/day/deadlines.js';
import type { Instant, Slot } from '../../domain/types.js';
import { WORKFLOWS } from '../../contract/workflows.js';
import { isTemporalError } from '../temporal-error.js';

export interface AccountFacts extends SlotFacts {
  /** Tickets that nobody has confirmed. */
  open: OpenTicket[];
  /** Workflows of the runs that are recorded. */
  workflows: ReadonlySet<string>;
}

/** What is stored of the account's slots, and what Temporal says of runs without a result. */
export async function loadSlotFacts(
  db: Knex,
  client: Client,
  account: OpenedAccount,
  { policy, now }: { policy: Policy; now: Instant },
): Promise<AccountFacts> {
  const from = tradingDayOf(account.openedAt);
  const [stored, tickets] = await Promise.all([slotRuns(db, account, from), liveTickets(db, account.account, from)]);
  const runs = await Promise.all(
    stored.map(async ({ workflowId, ...run }): Promise<SlotRun> =>
      run.outcome === null ? { ...run, ...(await fateOf(client, workflowId)) } : { ...run, dead: false, failure: null },
    ),
  );
  const open = await Promise.all(
    tickets.filter(({ confirmed }) => !confirmed).map((ticket) => withDeadlines(db, ticket)),
  );
  const facts = withoutSettled({ account: account.account, openedAt: account.openedAt, policy, runs, tickets, now });
  return { ...facts, open, workflows: new Set(stored.map(({ workflowId }) => workflowId)) };
}

/** Deadlines as the policy of the ticket has them: those that the day's own timers keep. */
async function withDeadlines(db: Knex, { policyHash, ...ticket }: LiveTicket): Promise<OpenTicket> {
  const { deadlines } = await loadPolicy(db, policyHash);
  return {
    ...ticket,
    remindAt: deadlines.remind_at.map((time) => londonInstant(ticket.tradingDay, time)),
    escalateAt: londonInstant(ticket.tradingDay, deadlines.escalate_at),
  };
}

/** Whether a workflow can still come to a result, and if not, why. One that the server has lost cannot. */
async function fateOf(client: Client, workflowId: string): Promise<Pick<SlotRun, 'dead' | 'failure'>> {
  try {
    const handle = client.workflow.getHandle(workflowId);
    const { status } = await handle.describe();
    if (status.name === 'RUNNING' || status.name === 'PAUSED') return { dead: false, failure: null };
    return { dead: true, failure: await failureOf(client, workflowId, status.name) };
  } catch (error) {
    if (isTemporalError(error, 'WorkflowNotFoundError'))
      return { dead: true, failure: 'Temporal does not know its workflow any more' };
    throw error;
  }
}

/** How an ended workflow failed, in the words of its last error. */
async function failureOf(client: Client, workflowId: string, status: string, runId?: string): Promise<string> {
  try {
    await client.workflow.getHandle(workflowId, runId).result();
    return `its workflow ended: ${status}`;
  } catch (error) {
    if (!isTemporalError(error, 'WorkflowFailedError')) throw error;
    let cause: Error = error;
    // Below the program's own failure lies what it came of, which may be a statement of the database.
    while (cause.cause instanceof Error && !isTemporalError(cause, 'ApplicationFailure')) cause = cause.cause;
    return faultText(cause);
  }
}

const SLOT_OF: Record<string, Slot> = { [WORKFLOWS.morningRun]: '0800', [WORKFLOWS.afternoonRun]: '1400' };
const WITHOUT_RESULT = `ExecutionStatus IN ('Running', 'Failed', 'Terminated', 'TimedOut', 'Canceled')`;

/**
 * Runs that Temporal has and that are not recorded, since an instant: those that wait for a worker, and those that
 * failed before (a policy that is refused). Their day is in their id, their slot in their type.
 */
export async function unrecordedStarts(
  client: Client,
  { account, workflows }: Pick<AccountFacts, 'account' | 'workflows'>,
  since: Instant,
): Promise<SlotRun[]> {
  const found: SlotRun[] = [];
  const query = `WorkflowType IN ('${WORKFLOWS.morningRun}', '${WORKFLOWS.afternoonRun}') AND ${WITHOUT_RESULT} AND StartTime >= '${since}'`;
  for await (const { workflowId, runId, type, status, startTime } of client.workflow.list({ query })) {
    const [, of = account, instant] =
      /^[a-z]+-run(?:\/([a-z][a-z0-9-]*))?-(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)$/.exec(workflowId) ?? [];
    const slot = SLOT_OF[type];
    if (!slot || of !== account || workflows.has(workflowId)) continue;
    const beganAt = instant ?? startTime.toISOString();
    const fate =
      status.name === 'RUNNING'
        ? { dead: false, failure: null }
        : { dead: true, failure: await failureOf(client, workflowId, status.name, runId) };
    found.push({ runId: null, slot, tradingDay: tradingDayOf(beganAt), beganAt, outcome: null, ...fate });
  }
  return found;
}
