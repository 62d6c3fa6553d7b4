import { ApplicationFailure, defineSearchAttributeKey, SearchAttributeType, setCurrentDetails, upsertSearchAttributes, uuid4, workflowInfo } from '@temporalio/workflow';
import type { RunPlan } from '../activities/runs.js';
import type { Instant } from '../domain/types.js';
import { quick, slow } from './activity-proxies.js';
import type { IssueReply, RunInput, RunReply } from './messages.js';

const SCHEDULED_AT = defineSearchAttributeKey('TemporalScheduledStartTime', SearchAttributeType.DATETIME);
const TRADING_DAY = defineSearchAttributeKey('TradingDay', SearchAttributeType.KEYWORD);
const OUTCOME = defineSearchAttributeKey('Outcome', SearchAttributeType.KEYWORD);

/** 08:00: fetch, check and value once for all accounts, then open each account's day. */
export async function morningRun(input: RunInput): Promise<RunReply> {
  const plan = await begin('0800', input);
  await gatherMarket(plan, input);
  await quick.valueLedgers.executeWithOptions({ summary: `Value the ledgers at ${plan.asOfDate}` }, [{ runId: plan.runId, accounts: plan.accounts }]);
  if (plan.isSession) {
    await Promise.all(plan.accounts.map((account) =>
      quick.openTradingDay.executeWithOptions({ summary: `Open trading day ${plan.tradingDay} of ${account}` }, [{ account, runId: plan.runId }])));
  }
  return conclude(plan, []);
}

/** 14:00: never fetches; has each account's day issue its one ticket on stored facts. */
export async function afternoonRun(input: RunInput): Promise<RunReply> {
  const plan = await begin('1400', input);
  const tickets = await Promise.all(plan.accounts.map((account) =>
    quick.promptTicket.executeWithOptions({ summary: `Have ${account} issue the ticket of ${plan.tradingDay}` }, [{ account, runId: plan.runId, dryRun: input.dryRun ?? false }])));
  return conclude(plan, tickets);
}

/** The 08:00 gates end to end: no waiting, no day, no ticket. */
export async function opsRun(input: RunInput): Promise<RunReply> {
  const plan = await begin('ops', input);
  await gatherMarket(plan, input);
  await quick.valueLedgers.executeWithOptions({ summary: `Value the ledgers at ${plan.asOfDate}` }, [{ runId: plan.runId, accounts: plan.accounts }]);
  return conclude(plan, []);
}

async function begin(slot: '0800' | '1400' | 'ops', input: RunInput): Promise<RunPlan> {
  const at = input.at ?? scheduledAt();
  const plan = await quick.beginRun.executeWithOptions(
    { summary: `Check policy and universe, and plan the ${slot} run` },
    [{ runId: uuid4(), slot, at, operator: input.operator, accounts: input.accounts, workflowId: workflowInfo().workflowId }]);
  upsertSearchAttributes([{ key: TRADING_DAY, value: plan.tradingDay }]);
  return plan;
}

/** Prices of every symbol and the rate, then the data-quality gate. One bad symbol never sinks the rest. */
async function gatherMarket(plan: RunPlan, input: RunInput): Promise<void> {
  const batches = plan.batches.map((symbols) =>
    slow.fetchPrices.executeWithOptions({ summary: `Fetch end-of-day bars: ${symbols.join(', ')}` }, [{ runId: plan.runId, symbols, full: input.full ?? false }]));
  const rates = plan.pairs.map((pair) => slow.fetchFx.executeWithOptions({ summary: `Fetch the ${pair} rate of ${plan.asOfDate}` }, [{ runId: plan.runId, pair }]));
  await Promise.all([...batches, ...rates]);
  await quick.assessQuality.executeWithOptions({ summary: `Data-quality gate for ${plan.asOfDate}` }, [{ runId: plan.runId }]);
}

async function conclude(plan: RunPlan, tickets: IssueReply[]): Promise<RunReply> {
  const reply = await quick.concludeRun.executeWithOptions({ summary: 'Record the outcome and write the run summary' }, [{ runId: plan.runId, tickets }]);
  setCurrentDetails(`**${reply.outcome}**\n\n${reply.summary}`);
  upsertSearchAttributes([{ key: OUTCOME, value: reply.outcome }]);
  return { runId: plan.runId, tradingDay: plan.tradingDay, asOfDate: plan.asOfDate, tickets, ...reply };
}

/** The instant a Schedule meant, never the clock: a late start must not move the trading day. */
function scheduledAt(): Instant {
  const scheduled = workflowInfo().typedSearchAttributes.get(SCHEDULED_AT);
  if (scheduled) return scheduled.toISOString();
  throw ApplicationFailure.nonRetryable('a run that no schedule started needs its instant', 'AT_MISSING');
}
