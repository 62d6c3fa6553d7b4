import { patched, workflowInfo } from '@temporalio/workflow';
import { quick } from './activity-proxies.js';
import type { RunInput, RunReply } from '../contract/runs.js';
import { waitingQueue } from '../contract/workflows.js';
import { begin, conclude, concludeIdle } from './run-steps.js';

/** 14:00: never fetches; has each account's day issue its one ticket on stored facts. */
export async function afternoonRun(input: RunInput): Promise<RunReply> {
  const plan = await begin('1400', input);
  if (plan.idle) return concludeIdle(plan, '1400', plan.idle);
  const taskQueue = waitingQueue(workflowInfo().taskQueue);
  const asked = plan.accounts.map((account) =>
    quick.promptTicket.executeWithOptions(
      { taskQueue, summary: `Have ${account} issue the ticket of ${plan.tradingDay}` },
      [{ account, runId: plan.runId, dryRun: input.dryRun ?? false }],
    ),
  );
  const tickets = await Promise.all(asked).catch(async (error: unknown) => {
    // A run that fails asks nobody any more: one account's refusal is to take no other one's ticket.
    if (patched('each-account-is-asked')) await Promise.allSettled(asked);
    throw error;
  });
  return conclude(plan, tickets);
}
