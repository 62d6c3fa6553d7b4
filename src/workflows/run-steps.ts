import { ApplicationFailure, defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import { log, setCurrentDetails, startChild, upsertSearchAttributes, uuid4, workflowInfo } from '@temporalio/workflow';
import type { IssueReply } from '../contract/day-messages.js';
import { boundedTickets } from '../contract/run-reply.js';
import type { RunInput, RunPlan, RunReply } from '../contract/runs.js';
import { WORKFLOWS } from '../contract/workflows.js';
import type { Instant } from '../domain/types.js';
import { quick, slow } from './activity-proxies.js';

const SCHEDULED_AT = defineSearchAttributeKey('TemporalScheduledStartTime', SearchAttributeType.DATETIME);
const TRADING_DAY = defineSearchAttributeKey('TradingDay', SearchAttributeType.KEYWORD);
const OUTCOME = defineSearchAttributeKey('Outcome', SearchAttributeType.KEYWORD);

/** Checks and pins the configuration, and plans what the run will do. */
export async function begin(slot: '0800' | '1400' | 'ops', input: RunInput): Promise<RunPlan> {
  // Whoever starts a run by hand may give it anything, or nothing: the activity reads it, and refuses what has not its shape.
  const given: Partial<RunInput> = { ...input };
  const at = given.at ?? scheduledAt();
  const plan = await quick.beginRun.executeWithOptions(
    { summary: `Check policy and universe, and plan the ${slot} run` },
    [
      {
        ...(given as RunInput),
        runId: uuid4(),
        slot,
        at,
        workflowId: workflowInfo().workflowId,
        scheduled: given.at === undefined,
      },
    ],
  );
  setCurrentDetails(
    `**under way**\n\n${slot} run of ${plan.tradingDay} on prices of ${plan.asOfDate}, for ${plan.accounts.join(', ')}, asked for by ${input.operator}.`,
  );
  return plan;
}

/** Prices of every symbol and the rate, the data-quality gate, the value of the ledgers. One bad symbol never sinks the rest. */
export async function gatherMarket(plan: RunPlan, input: RunInput): Promise<void> {
  const batches = plan.batches.map((symbols) =>
    slow.fetchPrices.executeWithOptions({ summary: `Fetch end-of-day bars: ${symbols.join(', ')}` }, [
      { runId: plan.runId, symbols, full: input.full ?? false },
    ]),
  );
  const rates = plan.pairs.map((pair) =>
    slow.fetchFx.executeWithOptions({ summary: `Fetch the ${pair} rate of ${plan.asOfDate}` }, [
      { runId: plan.runId, pair },
    ]),
  );
  await Promise.all([...batches, ...rates]);
  await quick.assessQuality.executeWithOptions({ summary: `Data-quality gate for ${plan.asOfDate}` }, [
    { runId: plan.runId },
  ]);
  await quick.valueLedgers.executeWithOptions({ summary: `Value the ledgers at ${plan.asOfDate}` }, [
    { runId: plan.runId, accounts: plan.accounts },
  ]);
}

/** Records the outcome, writes the run summary and answers whoever started the run. */
export async function conclude(plan: RunPlan, tickets: IssueReply[]): Promise<RunReply> {
  const reply = await quick.concludeRun.executeWithOptions(
    { summary: 'Record the outcome and write the run summary' },
    [{ runId: plan.runId }],
  );
  setCurrentDetails(`**${reply.outcome}**\n\n${reply.summary}`);
  // Whoever starts a run by hand has set the trading day already; a schedule cannot know it.
  upsertSearchAttributes([
    { key: TRADING_DAY, value: plan.tradingDay },
    { key: OUTCOME, value: reply.outcome },
  ]);
  if (plan.ping) await tellMonitor(plan);
  return {
    runId: plan.runId,
    tradingDay: plan.tradingDay,
    asOfDate: plan.asOfDate,
    ...boundedTickets(tickets),
    ...reply,
  };
}

/** Starts the ping and goes on: neither its time nor its end is the run's. */
async function tellMonitor({ runId }: RunPlan): Promise<void> {
  const { workflowId } = workflowInfo();
  try {
    await startChild(WORKFLOWS.pingSlot, {
      workflowId: `ping/${workflowId}`,
      parentClosePolicy: 'ABANDON',
      args: [{ runId }],
      staticSummary: `Tell the monitor of ${workflowId}`,
    });
  } catch (error) {
    log.warn('the monitor is not told', { error: (error as Error).message });
  }
}

/** Records why a scheduled run does nothing: the market is closed, or it began too late to be of use. */
export async function concludeIdle(
  plan: RunPlan,
  slot: '0800' | '1400',
  idle: NonNullable<RunPlan['idle']>,
): Promise<RunReply> {
  const { runId, accounts, tradingDay, asOfDate } = plan;
  const reply = await quick.concludeIdle.executeWithOptions({ summary: `${idle.outcome}: record it and do nothing` }, [
    { runId, slot, at: scheduledAt(), accounts, workflowId: workflowInfo().workflowId },
  ]);
  setCurrentDetails(`**${reply.outcome}**\n\n${reply.summary}`);
  upsertSearchAttributes([
    { key: TRADING_DAY, value: tradingDay },
    { key: OUTCOME, value: reply.outcome },
  ]);
  if (plan.ping) await tellMonitor(plan);
  return { tradingDay, asOfDate, tickets: [], ...reply };
}

/** The instant a Schedule meant, never the clock: a late start must not move the trading day. */
function scheduledAt(): Instant {
  const scheduled = workflowInfo().typedSearchAttributes.get(SCHEDULED_AT);
  if (scheduled) return scheduled.toISOString();
  throw ApplicationFailure.nonRetryable('a run that no schedule started needs its instant', 'AT_MISSING');
}
