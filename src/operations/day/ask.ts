import type { Client } from '@temporalio/client';
import type { SearchAttributePair, Workflow } from '@temporalio/common';
import { londonInstant } from '../../domain/calendar/calendar.js';
import type { Policy } from '../../domain/policy/policy.js';
import { backupPolicyOf } from '../../domain/policy/backup.js';
import type { Account, Instant, IsoDate } from '../../domain/types.js';
import { DAY_MESSAGES, type MomentCommand, type TradingDayInput } from '../../contract/day-messages.js';
import { tradingDayId, WORKFLOWS } from '../../contract/workflows.js';

const keyword = (name: string) => ({ name, type: 'KEYWORD' }) as const satisfies SearchAttributePair['key'];

export const TRADING_DAY = keyword('TradingDay');
const ACCOUNT = keyword('Account');
const DAY_STATE = keyword('DayState');

/** What a trading day starts with; its deadlines are UK times of the policy. */
export function tradingDayInput(account: Account, tradingDay: IsoDate, policy: Policy, at: Instant): TradingDayInput {
  const { remind_at, escalate_at } = policy.deadlines;
  return {
    account: account.account,
    tradingDay,
    clock: account.clock,
    at,
    remindAt: remind_at.map((time) => londonInstant(tradingDay, time)),
    escalateAt: londonInstant(tradingDay, escalate_at),
    backUpAtClose: backupPolicyOf(policy).at_close,
  };
}

function startOptions(input: TradingDayInput, taskQueue: string) {
  return {
    workflowId: tradingDayId(input.account, input.tradingDay),
    taskQueue,
    args: [input] as [TradingDayInput],
    // A day that is under way takes the message; one that is closed is opened again, recalls that it is closed,
    // answers and closes: what is stored decides, not which workflow run is asked.
    workflowIdConflictPolicy: 'USE_EXISTING' as const,
    workflowIdReusePolicy: 'ALLOW_DUPLICATE' as const,
    staticSummary: `Trading day ${input.tradingDay} of account ${input.account}`,
    staticDetails: 'Opens, waits for the reconciliation, issues one ticket, waits for its confirmation, closes.',
    typedSearchAttributes: [
      { key: TRADING_DAY, value: input.tradingDay },
      { key: ACCOUNT, value: input.account },
      { key: DAY_STATE, value: 'open' },
    ],
  };
}

/** Opens the day, or does nothing when it is open. */
export async function openTradingDay(client: Client, taskQueue: string, input: TradingDayInput): Promise<void> {
  await client.workflow.start(WORKFLOWS.tradingDay, startOptions(input, taskQueue));
}

/** Has the day recall where it stands in Postgres; opens it when it is not under way. */
export async function recallTradingDay(
  client: Client,
  taskQueue: string,
  input: TradingDayInput,
  command: MomentCommand,
): Promise<void> {
  await leaveForTradingDay(client, taskQueue, input, DAY_MESSAGES.recall, command);
}

/**
 * Sends a message to the day and waits for its outcome; opens the day first when it is not under way.
 * @param updateId the same id again gets the first answer, as long as the day's workflow runs.
 */
export async function askTradingDay<Reply>(
  client: Client,
  taskQueue: string,
  input: TradingDayInput,
  update: string,
  updateId: string,
  command: unknown,
): Promise<Reply> {
  const { WithStartWorkflowOperation } = await import('@temporalio/client');
  const startWorkflowOperation = new WithStartWorkflowOperation(WORKFLOWS.tradingDay, startOptions(input, taskQueue));
  return await client.workflow.executeUpdateWithStart<Workflow, Reply, [unknown]>(update, {
    updateId,
    args: [command],
    startWorkflowOperation,
  });
}

/** Leaves a message for the day as a signal: kept while no worker is up, handled when one returns. */
export async function leaveForTradingDay(
  client: Client,
  taskQueue: string,
  input: TradingDayInput,
  signal: string,
  command: unknown,
): Promise<void> {
  await client.workflow.signalWithStart(WORKFLOWS.tradingDay, {
    ...startOptions(input, taskQueue),
    signal,
    signalArgs: [command],
  });
}
