import { DAY_MESSAGES } from '../../contract/day-messages.js';
import { finishRun } from '../../db/run-results.js';
import type { SlotStanding } from '../../domain/day/slots.js';
import type { Account } from '../../domain/types.js';
import { leaveForTradingDay, tradingDayInput } from '../day/ask.js';
import { renderRun } from '../files/render/run.js';
import { recordMissed } from '../runs/record-missed.js';
import { summaryOf } from './watch-alerts.js';
import type { Moment, Watcher } from './watcher.js';

/** Gives a run that will never have a result its outcome, and a slot without any run the record that it was missed. */
export async function recordOutcome(
  watcher: Watcher,
  account: string,
  slot: SlotStanding,
  { at, workflowId, configuration }: Moment,
): Promise<void> {
  const { db } = watcher;
  const summary = summaryOf(slot);
  const evidence = { dueAt: slot.dueAt, endsAt: slot.endsAt, beganAt: slot.beganAt, failure: slot.failure };
  const runId =
    slot.runId ??
    (await recordMissed(db, { account, ...slot, at, workflowId, summary, evidence }, configuration)).runId;
  if (slot.runId !== null)
    await finishRun(db, slot.runId, slot.outcome as string, summary, { foundAt: at, ...evidence });
  await renderRun(watcher, { runId });
}

/** A day that was opened and whose 14:00 run was missed has no ticket and waits for nothing any more. */
export async function closeMissedDays(
  { client, taskQueue }: Watcher,
  account: Account,
  standings: readonly SlotStanding[],
  { at, configuration, unfinished }: Moment,
): Promise<void> {
  const missed = new Set(
    standings
      .filter(({ slot, outcome }) => slot === '1400' && outcome === 'MISSED')
      .map(({ tradingDay }) => tradingDay),
  );
  for (const { account: name, tradingDay } of unfinished) {
    if (name !== account.account || !missed.has(tradingDay)) continue;
    await leaveForTradingDay(
      client,
      taskQueue,
      tradingDayInput(account, tradingDay, configuration.policy, at),
      DAY_MESSAGES.missed,
      { at },
    );
  }
}
