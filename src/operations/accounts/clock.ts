import type { Knex } from 'knex';
import type { DayKey } from '../../contract/day-messages.js';
import { newestSimulatedInstant } from '../../db/newest-instant.js';
import { tradingDayOf } from '../../domain/calendar/calendar.js';
import type { Account, Instant } from '../../domain/types.js';

/**
 * What time it is for an account that is looked at: this machine's clock, or on a simulated account what somebody says
 * it is, and never earlier than the newest instant of its facts.
 * @param said null where nobody says it
 */
export async function instantSeen(
  db: Knex,
  account: Account,
  { now, said = null }: { now: Instant; said?: Instant | null },
): Promise<Instant> {
  if (account.clock === 'real') return now;
  const newest = (await newestSimulatedInstant(db, account.account))?.at ?? null;
  if (newest === null || said === null) return said ?? newest ?? now;
  return Date.parse(said) > Date.parse(newest) ? said : newest;
}

/** The trading day on which an account is at an instant. */
export const dayAt = ({ account }: Pick<Account, 'account'>, at: Instant): DayKey => ({
  account,
  tradingDay: tradingDayOf(at),
});
