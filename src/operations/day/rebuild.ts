import type { Client } from '@temporalio/client';
import type { Knex } from 'knex';
import { listAccounts } from '../../db/accounts.js';
import { unfinishedDays } from '../../db/days.js';
import type { Policy } from '../../domain/policy/policy.js';
import type { Instant, IsoDate } from '../../domain/types.js';
import type { Alert } from '../../contract/alerts.js';
import { DAY_MESSAGES } from '../../contract/day-messages.js';
import { tradingDayId } from '../../contract/workflows.js';
import { daysRunning } from './kept-messages.js';
import { lostAnswers, type LostAnswer } from './lost-answers.js';
import { leaveForTradingDay, recallTradingDay, tradingDayInput } from './ask.js';

export interface RebuildOrder {
  db: Knex;
  client: Client;
  taskQueue: string;
  policy: Policy;
  /** Alerts of answers that are lost bear this instant. */
  at: Instant;
  /**
   * Look for lost answers in days that were under way at this instant or later; null in every day that Temporal
   * remembers.
   */
  since: Instant | null;
  raiseAlert(alert: Alert): Promise<void>;
}

export interface Rebuilt {
  /** Unfinished days, opened again or told to recall where they stand. */
  days: { account: string; tradingDay: IsoDate; openedAt: Instant }[];
  /** Workflow ids of days that Temporal has open and Postgres has not, or has closed: they recall too. */
  ahead: string[];
  /** Confirmations given again, for their tickets are stored and open. */
  replayed: LostAnswer[];
  /** Confirmations that nothing stored can take: each is an alert. */
  lost: LostAnswer[];
}

/**
 * Brings Temporal's days and Postgres together, with Postgres in the right: every unfinished day stands where it is
 * stored, whatever its workflow had seen; an answer that a restore has lost is given again, or told.
 */
export async function rebuildDays(order: RebuildOrder): Promise<Rebuilt> {
  const { db, client, taskQueue, policy } = order;
  const accounts = await listAccounts(db);
  const days = await unfinishedDays(db);
  const known = days.flatMap((day) => {
    const account = accounts.find((candidate) => candidate.account === day.account);
    return account ? [{ day, account }] : [];
  });
  for (const { day, account } of known) {
    await recallTradingDay(client, taskQueue, tradingDayInput(account, day.tradingDay, policy, day.openedAt), {
      at: day.openedAt,
    });
  }
  const ahead = await recallUnknown(
    client,
    known.map(({ day }) => tradingDayId(day.account, day.tradingDay)),
  );
  return { days, ahead, ...(await answerAgain(order, accounts)) };
}

/** Days that only Temporal has open. Their instant is the day's first: it moves no simulated clock. */
async function recallUnknown(client: Client, known: string[]): Promise<string[]> {
  const ahead: string[] = [];
  for await (const workflowId of daysRunning(client)) {
    if (known.includes(workflowId)) continue;
    await client.workflow
      .getHandle(workflowId)
      .signal(DAY_MESSAGES.recall, { at: `${workflowId.slice(-10)}T00:00:00Z` })
      .catch(ended);
    ahead.push(workflowId);
  }
  return ahead.toSorted();
}

/** A day may end between the listing and the message: then it has nothing to recall. */
function ended(error: Error): void {
  if (error.name !== 'WorkflowNotFoundError') throw error;
}

async function answerAgain(
  { db, client, taskQueue, policy, at, since, raiseAlert }: RebuildOrder,
  accounts: Awaited<ReturnType<typeof listAccounts>>,
) {
  const answers = await lostAnswers(client, db, since);
  const accountOf = (answer: LostAnswer) => accounts.find(({ account }) => account === answer.account);
  // What was booked before there were signatures cannot be given again: nobody signed it.
  const replayed = answers.filter(
    (answer) => answer.replayable && answer.command.signature !== undefined && accountOf(answer),
  );
  const lost = answers.filter((answer) => !replayed.includes(answer));
  for (const answer of replayed) {
    const account = accountOf(answer);
    const input = account && tradingDayInput(account, answer.tradingDay, policy, answer.command.at);
    if (input) await leaveForTradingDay(client, taskQueue, input, DAY_MESSAGES.confirm, answer.command);
  }
  for (const answer of lost) await raiseAlert(alertOf(answer, accountOf(answer)?.account ?? null, at));
  return { replayed, lost };
}

const alertOf = (
  { account, tradingDay, confirmationId, command }: LostAnswer,
  stored: string | null,
  at: Instant,
): Alert => ({
  account: stored,
  tradingDay,
  code: 'CONFIRMATION_LOST',
  subject: command.ticketId,
  at,
  message:
    `${command.operator} confirmed ticket ${command.ticketId} of ${tradingDay}, account ${account}, and that was booked; ` +
    'a restore of Postgres has lost both. What was reported is with this alert.',
  evidence: { confirmationId, command },
});
