import type { Knex } from 'knex';
import type { ScheduledRun } from '../../contract/runs.js';
import { isDayOpen } from '../../db/days.js';
import { openedAccounts } from '../../db/slots.js';
import { tradingDayOf } from '../../domain/calendar/calendar.js';
import { idleFor, isDayOver, whyIdle, type Idle, type Opening } from '../../domain/day/scheduled-start.js';
import { minutesBetween } from '../../domain/day/slots.js';
import { refusal, resultOrThrow, usageError } from '../../domain/errors.js';
import type { Account, Instant } from '../../domain/types.js';
import { accountsOf, type Configuration } from './configuration.js';

/** Clocks of two machines may differ so much without anybody noticing. */
const CLOCK_SKEW_MINUTES = 5;

/** The accounts that a scheduled run is of, and why it does nothing, if so. */
export interface ScheduledStart {
  accounts: string[];
  idle: Idle | null;
}

/**
 * Decides what becomes of a scheduled run that begins at `machineTime`. The instant that a schedule meant may be made up
 * for by anybody (a backfill): it is believed where it is not in the future, and what it says of a past day is only
 * told. One query an account, and only when it is late.
 * @throws OpsError NO_REAL_ACCOUNT, AT_IN_FUTURE, ACCOUNT_NOT_OPEN, CLAIM_BEFORE_ACCOUNT
 */
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
  if (idle)
    return { accounts: resultOrThrow(idleFor(await openings(db, named), { slot, at, now, idle }, policy)), idle };
  return { accounts: open.length > 0 ? open : accounts, idle };
}

/** These accounts, each with when it was opened; null for one that is not. */
async function openings(db: Knex, accounts: readonly Account[]): Promise<Opening[]> {
  const opened = new Map((await openedAccounts(db)).map(({ account, openedAt }) => [account, openedAt]));
  return accounts.map(({ account, clock }) => ({ account, clock, openedAt: opened.get(account) ?? null }));
}

async function filterAsync<T>(items: readonly T[], test: (item: T) => Promise<boolean>): Promise<T[]> {
  const kept = await Promise.all(items.map(test));
  return items.filter((_, index) => kept[index]);
}
