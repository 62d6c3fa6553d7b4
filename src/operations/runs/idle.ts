import type { Knex } from 'knex';
import { inTransaction } from '../../db/transaction.js';
import { openAccount } from '../../db/accounts.js';
import { isDayOpen } from '../../db/days.js';
import { storeConfiguration } from '../../db/configurations.js';
import { finishRun, insertRun } from '../../db/runs.js';
import { newestRunOfSlot } from '../../db/slots.js';
import { asOfDate, tradingDayOf } from '../../domain/calendar/calendar.js';
import { refusal, usageError } from '../../domain/errors.js';
import { isDayOver, whyIdle, type Idle } from '../../domain/day/scheduled-start.js';
import { minutesBetween, slotWindow } from '../../domain/day/slots.js';
import type { Instant } from '../../domain/types.js';
import type { Alert } from '../../contract/alerts.js';
import type { ScheduledRun } from '../../contract/runs.js';
import { accountsOf, readConfiguration, type Configuration } from './configuration.js';
import { missedRunId, recordMissed } from './record-missed.js';
import { SCHEDULE } from './ask.js';

/** Clocks of two machines may differ so much without anybody noticing. */
const CLOCK_SKEW_MINUTES = 5;

/** The accounts that a scheduled run is of, and why it does nothing, if so. */
export interface ScheduledStart {
  accounts: string[];
  idle: Idle | null;
}

/** Decides what becomes of a scheduled run that begins at `now`, the machine's time. One query an account, and only when it is late. */
export async function startOfScheduled(
  db: Knex,
  { slot, at, accounts: asked }: Omit<ScheduledRun, 'runId' | 'workflowId'>,
  { policy }: Configuration,
  machineTime: Instant,
): Promise<ScheduledStart> {
  const named = accountsOf(policy).filter(({ account, clock }) =>
    asked.length > 0 ? asked.includes(account) : clock === 'real',
  );
  if (named.length === 0) {
    throw usageError(
      'NO_REAL_ACCOUNT',
      'accounts: no account of the policy has clock: real, and the schedule names none',
      { remedy: 'trading-ops schedules remove' },
    );
  }
  const isReal = named.some(({ clock }) => clock === 'real');
  const now = isReal ? machineTime : at;
  if (isReal && minutesBetween(now, at) > CLOCK_SKEW_MINUTES)
    throw refusal('AT_IN_FUTURE', `at: ${at}: is still to come; a real account has no future runs`);
  const accounts = named.map(({ account }) => account);
  const tradingDay = tradingDayOf(at);
  const open =
    slot === '1400' && isDayOver(tradingDay, now)
      ? await filterAsync(accounts, (account) => isDayOpen(db, { account, tradingDay }))
      : [];
  const idle = whyIdle({ slot, tradingDay, now, isDayOpen: open.length > 0 }, policy);
  return { accounts: open.length > 0 ? open : accounts, idle };
}

interface SlotRecord {
  runId: string;
  outcome: string;
  summary: string;
}

/** The activity of runs that do nothing. */
export function createIdleRunActivities({
  db,
  configDir,
  now,
  raiseAlert,
  renderRun,
}: {
  db: Knex;
  configDir: string;
  now(): Instant;
  raiseAlert(alert: Alert): Promise<void>;
  renderRun(run: { runId: string }): Promise<string[]>;
}) {
  /**
   * Records a run that does nothing, and says why. A slot that is `MISSED` has one record and one alert, the watch's own where
   * that was quicker; one that has a run already keeps it.
   */
  async function concludeIdle({
    idle,
    ...run
  }: ScheduledRun & { idle: Idle }): Promise<SlotRecord & { files: string[] }> {
    const configuration = await readConfiguration(configDir);
    if (idle.outcome === 'CLOSED') {
      await recordClosed(run, idle, configuration);
      return { runId: run.runId, ...idle, files: await renderRun(run) };
    }
    await inTransaction(db, async (trx) => {
      for (const account of accountsOf(configuration.policy)) await openAccount(trx, account, SCHEDULE, now());
    });
    const found: SlotRecord[] = [];
    for (const account of run.accounts) found.push(await missed(account, run, idle, configuration));
    const [first = { runId: run.runId, ...idle }] = found;
    return { ...first, files: await renderRun(first) };
  }

  async function recordClosed(
    run: ScheduledRun,
    { outcome, summary }: Idle,
    { policy, policyHash, universe, universeHash }: Configuration,
  ): Promise<void> {
    const tradingDay = tradingDayOf(run.at);
    await inTransaction(db, async (trx) => {
      await storeConfiguration(trx, 'policy', policyHash, policy);
      await storeConfiguration(trx, 'universe', universeHash, universe);
      // A real account is opened when it is, whatever day the schedule is of: slots before that are nobody's.
      for (const account of accountsOf(policy))
        await openAccount(trx, account, SCHEDULE, account.clock === 'real' ? now() : run.at);
      await insertRun(trx, {
        ...run,
        tradingDay,
        asOfDate: asOfDate(tradingDay, policy.calendar),
        operator: SCHEDULE,
        policyHash,
        universeHash,
      });
      await finishRun(trx, run.runId, outcome, summary);
    });
  }

  async function missed(
    account: string,
    { slot, at, workflowId }: ScheduledRun,
    { summary }: Idle,
    configuration: Configuration,
  ): Promise<SlotRecord> {
    const tradingDay = tradingDayOf(at);
    const { dueAt, endsAt } = slotWindow(tradingDay, slot, configuration.policy) ?? { dueAt: at, endsAt: at };
    const foundAt = now();
    await recordMissed(
      db,
      {
        account,
        tradingDay,
        slot,
        dueAt,
        at: foundAt,
        workflowId,
        summary,
        operator: SCHEDULE,
        evidence: { dueAt, endsAt, beganAt: foundAt },
      },
      configuration,
    );
    const run = await newestRunOfSlot(db, account, { tradingDay, slot });
    // The same alert as the watch's, so that a human hears of it once whoever was quicker.
    if (run?.outcome === 'MISSED')
      await raiseAlert({
        account,
        tradingDay,
        code: 'RUN_MISSED',
        subject: `${tradingDay}/${slot}`,
        at: endsAt,
        message: run.summary ?? summary,
      });
    return {
      runId: run?.runId ?? missedRunId({ account, tradingDay, slot }),
      outcome: run?.outcome ?? 'UNDER_WAY',
      summary: run?.summary ?? summary,
    };
  }

  return { concludeIdle };
}

async function filterAsync<T>(items: readonly T[], test: (item: T) => Promise<boolean>): Promise<T[]> {
  const kept = await Promise.all(items.map(test));
  return items.filter((_, index) => kept[index]);
}
