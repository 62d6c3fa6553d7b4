import { activityInfo, Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { Client } from '@temporalio/client';
import { usageError } from '../domain/errors.js';
import { bounded } from '../domain/text.js';
import type { Instant } from '../domain/types.js';
import type { Activities, Told } from '../contract/activities.js';
import type { Asker, Door } from '../contract/asker.js';
import type { ConfirmCommand, IssueInput, ReconcileCommand } from '../contract/day-messages.js';
import type { Installation } from '../operations/installation.js';
import { dispatchAlerts } from '../operations/alerts/dispatch.js';
import { giveUpAlert } from '../operations/alerts/give-up.js';
import { pingMonitor } from '../operations/alerts/ping.js';
import { planDelivery } from '../operations/alerts/plan-delivery.js';
import { sendAlert } from '../operations/alerts/send.js';
import { tellAlert } from '../operations/alerts/tell.js';
import { alertOfFailure } from '../operations/backup/failed.js';
import { renderDay } from '../operations/files/render/day.js';
import { renderReconciliation } from '../operations/files/render/reconciliation.js';
import { renderRun } from '../operations/files/render/run.js';
import { renderIssued, renderTicket } from '../operations/files/render/ticket.js';
import { Begun } from './begun.js';
import { LastOf } from './last-of.js';
import { bookLatches } from '../operations/guard/book-latches.js';
import { watchSlots } from '../operations/guard/watch.js';
import { answersAhead, askAhead, type AskedAhead } from '../operations/market/ask-ahead.js';
import type { Fetcher } from '../operations/market/fetching.js';
import { fetchPrices } from '../operations/market/fetch-prices.js';
import { fetchRates } from '../operations/market/fetch-rates.js';
import { concludeIdle } from '../operations/runs/conclude-idle.js';
import { archiveHistory } from '../operations/day/archive-history.js';
import { closeDay } from '../operations/day/close.js';
import { confirm } from '../operations/day/confirm.js';
import { issueTicket } from '../operations/day/issue-ticket.js';
import { openDay } from '../operations/day/open.js';
import { openDayOfRun, promptTicket } from '../operations/day/prompt.js';
import { withAuditRecord } from '../operations/day/receipt.js';
import { reconcile } from '../operations/day/reconcile.js';
import { assessRun } from '../operations/runs/assess.js';
import { RUN_WORKFLOWS } from '../operations/runs/ask.js';
import { beginRun, type StartingPlace } from '../operations/runs/begin.js';
import { isStartedBySchedule } from '../operations/schedules/started.js';
import { concludeRun } from '../operations/runs/conclude.js';
import { readAheadOfGate } from '../operations/runs/read-ahead.js';
import { valueLedgers } from '../operations/ledger/value.js';

export interface ActivityDependencies extends Installation {
  client: Client;
  taskQueue: string;
  /** Where providers find their keys, and sinks of alerts their secrets. */
  env: NodeJS.ProcessEnv;
  /** Told when an alert was stored, so that it goes out at once; without it the next look finds it. */
  onAlert?: () => void;
  /** Told in an activity whenever a provider was heard. */
  onProgress?: () => void;
}

/** Tickets whose files are begun and not asked for yet, at most: more than a worker has prompted at once. */
const RENDERINGS_MAX = 128;

/** What an activity is called with. */
type Input<Name extends keyof Activities> = Parameters<Activities[Name]>[0];

/**
 * What a run says of itself, held against what Temporal says of the workflow that asks: nobody begins a run in another
 * workflow's name, or one slot's as another's.
 * @throws OpsError MESSAGE_INVALID
 */
function ofItsWorkflow(input: Input<'beginRun'>): Input<'beginRun'> {
  const { workflowExecution, workflowType } = activityInfo();
  const { workflowId, slot } = input;
  const itsId = workflowExecution?.workflowId;
  if (workflowId !== itsId)
    throw usageError('MESSAGE_INVALID', `workflowId: ${bounded(String(workflowId))}: must be of who asks: ${itsId}`);
  if (RUN_WORKFLOWS[slot]?.type !== workflowType)
    throw usageError('MESSAGE_INVALID', `slot: ${bounded(String(slot))}: must be what a ${workflowType} runs`);
  return input;
}

/** Every activity of the worker: an operation each, the files written after it, and whether it may be tried again. */
export function createActivities(place: ActivityDependencies) {
  return { ...runActivities(place), ...dayActivities(place), ...alertActivities(place) } satisfies Activities;
}

function runActivities(place: ActivityDependencies) {
  const asking = new Begun<AskedAhead | null>(1);
  const fetching = new LastOf((runId) => readAheadOfGate(place.db, runId));
  return {
    /** Begins to read the files that the next step asks for. */
    async beginRun(input: Input<'beginRun'>) {
      const plan = await beginRun({ ...place, isScheduled: askServer(place) }, ofItsWorkflow(input));
      const [symbols] = plan.batches;
      if (symbols) asking.begin(batchKey(plan.runId, symbols), () => askAhead(place, { runId: plan.runId, symbols }));
      return plan;
    },
    /** Requests end when the workflow cancels. */
    async fetchPrices(input: Input<'fetchPrices'>) {
      const asked = await asking.take(batchKey(input.runId, input.symbols))?.catch(() => null);
      const ahead: Fetcher['ahead'] = (provider, symbols) =>
        answersAhead(asked, { provider, symbols, now: place.now() });
      return fetching.during(input.runId, fetchPrices({ ...cancellable(place), ahead }, input));
    },
    fetchFx: (input: Input<'fetchFx'>) => fetching.during(input.runId, fetchRates(cancellable(place), input)),
    /** The reasons are stored: a history keeps their codes. */
    async assessQuality(run: Input<'assessQuality'>) {
      const { status, codes } = await assessRun(place.db, run);
      return { status, codes };
    },
    valueLedgers: (input: Input<'valueLedgers'>) => valueLedgers(place, input),
    /** Opens the account's day as a workflow of its own, or leaves it as it is. */
    openTradingDay: (day: Input<'openTradingDay'>) => openDayOfRun(place, day),
    promptTicket: (day: Input<'promptTicket'>) => promptTicket(place, day),
    /** Records how the run ended and writes its summary. */
    async concludeRun(run: Input<'concludeRun'>) {
      const result = await concludeRun(place.db, run);
      return { ...result, files: await renderRun(place, run) };
    },
    concludeIdle: (run: Input<'concludeIdle'>) => concludeIdle(place, run),
    watchSlots: (watch: Input<'watchSlots'>) => watchSlots(place, watch),
    async ping(slot: Input<'ping'>) {
      const { ok, answer } = await pingMonitor(place, slot);
      if (!ok) throw ApplicationFailure.create({ type: 'PING_FAILED', message: answer });
      return answer;
    },
  };
}

function dayActivities(place: ActivityDependencies) {
  const rendering = new Begun<string[]>(RENDERINGS_MAX);
  return {
    /** Opens the day, or recalls where it stands, and writes its report. */
    async openDay(day: Input<'openDay'>) {
      const stored = await openDay(place, day);
      if (stored.openedAt !== null && stored.closedAt === null) await renderDay(place, day);
      return stored;
    },
    /** Records and judges a snapshot, and writes the report. */
    async reconcile({ operator, at, door, signature, ...input }: Told<ReconcileCommand>) {
      const reply = await reconcile(place, askerOf({ operator, at, door, signature }), input);
      const { reconciliationId } = reply;
      if (reconciliationId !== null) await renderReconciliation(place, { reconciliationId });
      return reply;
    },
    /** Issues the ticket; that of a TRADE is told at once. */
    async issueTicket(input: IssueInput) {
      await bookLatches(place);
      const reply = await issueTicket(place, input);
      if (reply.issuedNow && reply.kind === 'TRADE') place.onAlert?.();
      rendering.begin(reply.ticketId, () => renderIssued(place, reply));
      return reply;
    },
    renderTicket: ({ ticketId }: Input<'renderTicket'>) =>
      rendering.take(ticketId) ?? renderTicket(place, { ticketId }),
    /** Books it; the reply carries its record in the audit log. */
    confirm: async ({ operator, at, door, signature, ...input }: Told<ConfirmCommand>) =>
      withAuditRecord(place, await confirm(place, askerOf({ operator, at, door, signature }), input)),
    renderDay: (day: Input<'renderDay'>) => renderDay(place, day),
    /** Closes the day, writes its last report, and keeps its history. */
    async closeDay(day: Input<'closeDay'>) {
      const closed = await closeDay(place, day);
      await renderDay(place, day);
      await archiveHistory(place, day);
      return closed;
    },
  };
}

function alertActivities(place: ActivityDependencies) {
  return {
    raiseAlert: (told: Input<'raiseAlert'>) => tellAlert(place, 'failed' in told ? alertOfFailure(told) : told),
    /** For the worker, which looks every few seconds; no workflow asks. */
    async dispatchAlerts() {
      await bookLatches(place);
      return dispatchAlerts(place);
    },
    planDelivery: (notice: Input<'planDelivery'>) => planDelivery(place, notice),
    /** Tried again while another attempt makes sense, and when the sink says. */
    async sendAlert(notice: Input<'sendAlert'>) {
      const { attempt, workflowExecution } = activityInfo();
      const sent = await sendAlert(place, { ...notice, attempt, delivery: workflowExecution?.runId ?? '' });
      if (sent.ok) return { answer: sent.answer };
      throw ApplicationFailure.create({
        type: 'SINK_FAILED',
        message: `${notice.sink}: ${sent.answer}`,
        nonRetryable: sent.final,
        ...(sent.retryAfterMs !== null && { nextRetryDelay: sent.retryAfterMs }),
      });
    },
    giveUpAlert: (notice: Input<'giveUpAlert'>) => giveUpAlert(place, notice),
  };
}

/** Asks the server whether one of its schedules started the workflow of this activity. */
const askServer =
  ({ client }: ActivityDependencies): NonNullable<StartingPlace['isScheduled']> =>
  (run) => {
    const { workflowId = '', runId = '' } = activityInfo().workflowExecution ?? {};
    return isStartedBySchedule(client, run, { workflowId, runId });
  };

const batchKey = (runId: string, symbols: readonly string[]): string => [runId, ...symbols].join(' ');

const cancellable = (place: ActivityDependencies) => ({ ...place, signal: Context.current().cancellationSignal });

/** Whoever sent a message, with the signature that it carries. */
const askerOf = ({
  operator,
  at,
  door,
  signature,
}: {
  operator: string;
  at: Instant;
  door: Door | undefined;
  signature: unknown;
}): Asker => ({ operator, door: door ?? 'direct', claimedAt: at, signature });
