import { isSession, nextSession, tradingDayOf, type CalendarAdditions } from '../calendar/calendar.js';
import type { Account, Instant, IsoDate } from '../types.js';

/** The day a snapshot that is taken at an instant is for: that day's session, or the next one when the market is closed. */
export function dayOfSnapshot(at: Instant, calendar: CalendarAdditions): IsoDate {
  const today = tradingDayOf(at);
  return isSession(today, calendar) ? today : nextSession(today, calendar);
}

/**
 * Whether a day that nobody opened yet may be opened at an instant of the account's clock. On a real account that is the day
 * itself, or the next session while the market is closed: nobody opens a day of years ago, or of next month, by naming it.
 */
export function mayOpenDay(
  { clock }: Pick<Account, 'clock'>,
  tradingDay: IsoDate,
  at: Instant,
  calendar: CalendarAdditions,
): boolean {
  return clock === 'simulated' || tradingDay === tradingDayOf(at) || tradingDay === dayOfSnapshot(at, calendar);
}
