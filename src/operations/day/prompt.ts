import type { Client } from '@temporalio/client';
import type { Knex } from 'knex';
import { DAY_MESSAGES, type IssueReply, type TradingDayInput } from '../../contract/day-messages.js';
import { accountOf } from '../../domain/policy/policy.js';
import type { Instant } from '../../domain/types.js';
import { loadRunContext } from '../runs/context.js';
import { ownErrorBehind } from '../temporal-failure.js';
import { askTradingDay, openTradingDay, tradingDayInput } from './ask.js';

/** Where a run finds its days. */
export interface Prompter {
  db: Knex;
  client: Client;
  taskQueue: string;
  now(): Instant;
}

/** Opens the day of a run's account as a workflow of its own, or leaves it as it is. */
export async function openDayOfRun(
  prompter: Prompter,
  { account, runId }: { account: string; runId: string },
): Promise<void> {
  await openTradingDay(prompter.client, prompter.taskQueue, await dayInput(prompter, account, runId));
}

/**
 * Has the account's day issue its ticket; the run's id makes a repeat the same request.
 * @throws OpsError what the day refuses with, such as TICKET_DIFFERS
 */
export async function promptTicket(
  prompter: Prompter,
  { account, runId, dryRun }: { account: string; runId: string; dryRun: boolean },
): Promise<IssueReply> {
  const input = await dayInput(prompter, account, runId);
  const ask = { runId, dryRun, at: input.at };
  try {
    const { issueUpdate } = DAY_MESSAGES;
    return await askTradingDay(prompter.client, prompter.taskQueue, input, issueUpdate, `issue-${runId}`, ask);
  } catch (error) {
    throw ownErrorBehind(error) ?? error;
  }
}

async function dayInput({ db, now }: Prompter, account: string, runId: string): Promise<TradingDayInput> {
  const { run, policy } = await loadRunContext(db, runId);
  const owner = accountOf(policy, account);
  // A run may begin long after the instant it was scheduled for: what a real account's day does happens now.
  return tradingDayInput(owner, run.tradingDay, policy, owner.clock === 'real' ? now() : run.at);
}
