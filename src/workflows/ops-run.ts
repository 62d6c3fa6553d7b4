import type { RunInput, RunReply } from '../contract/runs.js';
import { begin, conclude, gatherMarket } from './run-steps.js';

/** The 08:00 gates end to end: no waiting, no day, no ticket. */
export async function opsRun(input: RunInput): Promise<RunReply> {
  const plan = await begin('ops', input);
  await gatherMarket(plan, input);
  return conclude(plan, []);
}
