import { isSession, londonTime, nextSession, tradingDayOf } from '../calendar/calendar.js';
import { refusal, refused, type Outcome } from '../errors.js';
import { isPastWindow, slotWindow, type SlotPolicy } from './slots.js';
import type { Account, Instant, IsoDate, Slot } from '../types.js';

/** Why a scheduled run does nothing but say so. */
export interface Idle {
  outcome: 'CLOSED' | 'MISSED';
  summary: string;
}

/**
 * What becomes of a run that a schedule started, by the time it really begins: the server or the worker may have been away
 * for days. Its trading day is that of the scheduled instant, always.
 *
 * - No session: `CLOSED`, it opens nothing.
 * - 08:00, begun at 14:00 of its day or later: `MISSED`. Until then the day can still be traded; after that a fetch
 *   would only look as if the morning had been in time.
 * - 14:00, begun after its day is over: `MISSED`, unless somebody opened that day: then the day gets its ticket, which the
 *   calendar gate makes a NO_TRADE (`WINDOW_PASSED`), so that it can be acknowledged and closed.
 * @param now when it begins, by the accounts' clock.
 */
export function whyIdle(
  { slot, tradingDay, now, isDayOpen }: { slot: Slot; tradingDay: IsoDate; now: Instant; isDayOpen: boolean },
  policy: SlotPolicy,
): Idle | null {
  const { calendar } = policy;
  if (!isSession(tradingDay, calendar)) {
    return {
      outcome: 'CLOSED',
      summary: `New York is closed on ${tradingDay}: nothing was done and no day was opened; the next session is ${nextSession(tradingDay, calendar)}`,
    };
  }
  const began = `began at ${londonTime(now)} UK time${tradingDayOf(now) === tradingDay ? '' : ` on ${tradingDayOf(now)}`}`;
  if (slot === '0800') {
    return isPastWindow({ tradingDay, slot }, now, policy)
      ? {
          outcome: 'MISSED',
          summary: `the 08:00 run of ${tradingDay} ${began}, too late to be of use: nothing was fetched and no day was opened`,
        }
      : null;
  }
  return isDayOver(tradingDay, now) && !isDayOpen
    ? {
        outcome: 'MISSED',
        summary: `the 14:00 run of ${tradingDay} ${began}, when the day was over: no ticket was issued`,
      }
    : null;
}

/** An account as a run finds it: when it was opened, by its clock; null for one that is not open. */
export interface Opening extends Pick<Account, 'account' | 'clock'> {
  openedAt: Instant | null;
}

/**
 * Of which accounts a run that does nothing is told. A schedule's instant may be of any past day, so on a real account
 * the rule is that of the watch: a slot that was due before the account was opened is nobody's, and so is a closed day
 * before it. A closed day may be the very first that an account sees. On a simulated account the sender's word is the clock.
 * @returns their names, or a refusal where it is none: ACCOUNT_NOT_OPEN, CLAIM_BEFORE_ACCOUNT
 */
export function idleFor(
  accounts: readonly Opening[],
  { slot, at, now, idle }: { slot: Slot; at: Instant; now: Instant; idle: Idle },
  policy: SlotPolicy,
): Outcome<string[]> {
  const tradingDay = tradingDayOf(at);
  const dueAt = slotWindow(tradingDay, slot, policy)?.dueAt ?? at;
  const isOf = ({ clock, openedAt }: Opening): boolean => {
    if (clock === 'simulated') return true;
    if (idle.outcome === 'CLOSED') return tradingDay >= tradingDayOf(openedAt ?? now);
    return openedAt !== null && Date.parse(dueAt) >= Date.parse(openedAt);
  };
  const meant = accounts.filter(isOf).map(({ account }) => account);
  const [first] = accounts;
  if (meant.length > 0 || first === undefined) return { ok: true, result: meant };
  const what = `at: ${at}: must not be before account ${first.account} was opened`;
  return refused(
    first.openedAt === null
      ? refusal('ACCOUNT_NOT_OPEN', `${what}, and it is not open yet`, { remedy: 'make run-0800' })
      : refusal('CLAIM_BEFORE_ACCOUNT', `${what}, ${first.openedAt}`, { remedy: 'trading-ops schedules show' }),
  );
}

/** Whether the UK calendar is past a trading day. */
export const isDayOver = (tradingDay: IsoDate, now: Instant): boolean => tradingDayOf(now) > tradingDay;
