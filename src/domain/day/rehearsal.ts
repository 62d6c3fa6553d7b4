import {
  executionWindow,
  isSession,
  nextSession,
  slotAt,
  tradingDayOf,
  type CalendarAdditions,
} from '../calendar/calendar.js';
import type { Instant, IsoDate, Slot } from '../types.js';
import type { DayState } from './state.js';

/** What a rehearsal does next: sets its clock to an instant, or starts the run that is due by that clock. */
export type RehearsalStep = { clock: Instant } | { run: Slot; tradingDay: IsoDate };

/** A few minutes into the window, when somebody would sit down before the broker. */
const INTO_WINDOW_MS = 6 * 60_000;

/**
 * What comes next for whoever rehearses days on a simulated account, whose schedules nobody has to wait for. A day that
 * is reconciled waits for its ticket; one that is closed is followed by the next session.
 * @param day the newest that was opened; null before there is one
 * @param at what time it is there
 * @returns null while a person is to act
 */
export function rehearsalStep(
  day: { tradingDay: IsoDate; state: DayState; isTrade: boolean } | null,
  at: Instant,
  calendar?: CalendarAdditions,
): RehearsalStep | null {
  const today = tradingDayOf(at);
  const due = (tradingDay: IsoDate, slot: Slot): RehearsalStep => {
    const instant = slotAt(tradingDay, slot);
    return Date.parse(at) < Date.parse(instant) ? { clock: instant } : { run: slot, tradingDay };
  };
  if (day === null) return due(isSession(today, calendar) ? today : nextSession(today, calendar), '0800');
  switch (day.state) {
    case 'closed':
      return due(
        today > day.tradingDay && isSession(today, calendar) ? today : after(day.tradingDay, today, calendar),
        '0800',
      );
    case 'reconciled':
      return due(day.tradingDay, '1400');
    case 'ticketed': {
      const opensAt = day.isTrade ? executionWindow(day.tradingDay, calendar)?.opensAt : undefined;
      if (opensAt === undefined || Date.parse(at) >= Date.parse(opensAt)) return null;
      return { clock: new Date(Date.parse(opensAt) + INTO_WINDOW_MS).toISOString() };
    }
    default:
      return null;
  }
}

/** The first session after a day that is not past yet. */
function after(tradingDay: IsoDate, today: IsoDate, calendar?: CalendarAdditions): IsoDate {
  const next = nextSession(tradingDay, calendar);
  return next >= today ? next : nextSession(today, calendar);
}
