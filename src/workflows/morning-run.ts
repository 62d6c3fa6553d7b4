import { quick } from './activity-proxies.js';
import type { RunInput, RunReply } from '../contract/runs.js';
import { begin, conclude, concludeIdle, gatherMarket } from './run-steps.js';

/** 08:00: fetch, check and value once for all accounts, then open each account's day. */
export async function morningRun(input: RunInput): Promise<RunReply> {
  const plan = await begin('0800', input);
  if (plan.idle) return concludeIdle(plan, '0800', plan.idle);
  await gatherMarket(plan, input);
  const reply = await conclude(plan, []);
  if (plan.isSession) {
    await Promise.all(
      plan.accounts.map((account) =>
        quick.openTradingDay.executeWithOptions({ summary: `Open trading day ${plan.tradingDay} of ${account}` }, [
          { account, runId: plan.runId },
        ]),
      ),
    );
  }
  return reply;
}
