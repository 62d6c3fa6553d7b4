import type { DayView } from '../../domain/day/state.js';
import { nextSession, type CalendarAdditions } from '../../domain/calendar/calendar.js';
import type { IsoDate, Slot } from '../../domain/types.js';
import { nextOf } from './catalogue.js';

/*
 * What is typed next, by where things stand: read off the catalogue, so that every door says the same.
 */

/** After a reconciliation that passed. @param waitsFor the run that the day waits for */
export const nextOfReconciled = (tradingDay: IsoDate, waitsFor: Slot): string => {
  const ticket = nextOf('RECONCILED') ?? '';
  return waitsFor === '0800' ? `make run-0800 for the prices of ${tradingDay}, then ${ticket}` : ticket;
};

/** On a day without a session: no run opens a day before the next one. */
export const nextOfClosed = (today: IsoDate, calendar: CalendarAdditions): string =>
  `make run-0800 on ${nextSession(today, calendar)}, the next session (trading-ops schedules show)`;

/** On a day that stands like that. @param waitsFor the run that it waits for, where it is reconciled */
export function nextOfDay({ state, ticket, tradingDay }: DayView, waitsFor: Slot): string {
  switch (state) {
    case 'reconciled':
      return nextOfReconciled(tradingDay, waitsFor);
    case 'ticketed':
      return nextOfTicket(ticket ?? { kind: 'NO_TRADE' });
    default:
      return nextOf(state.toUpperCase()) ?? '';
  }
}

/** Of a ticket that waits for its answer. */
export const nextOfTicket = ({ kind }: { kind: 'TRADE' | 'NO_TRADE' }): string => nextOf(kind) ?? '';
