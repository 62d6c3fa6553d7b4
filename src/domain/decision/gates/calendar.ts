import { executionWindow, londonTime, nextSession } from '../../calendar/calendar.js';
import type { DecisionFacts } from '../facts.js';
import type { GateResult } from '../../types.js';
import { fail, pass, reason } from './result.js';

/**
 * Whether a ticket of the trading day could still be executed: `MARKET_CLOSED` without a session of the NYSE,
 * `WINDOW_PASSED` when the run's instant is after the end of the execution window.
 */
export function calendarGate(
  facts: Pick<DecisionFacts, 'tradingDay' | 'at'> & { policy: Pick<DecisionFacts['policy'], 'calendar'> },
): GateResult {
  const {
    tradingDay,
    at,
    policy: { calendar },
  } = facts;
  const window = executionWindow(tradingDay, calendar);
  if (window === null) {
    const next = nextSession(tradingDay, calendar);
    const message = `the NYSE is closed on ${tradingDay}; the next session is ${next}`;
    return fail('calendar', [reason('MARKET_CLOSED', tradingDay, message, { nextSession: next })], {
      tradingDay,
      session: false,
    });
  }
  const evidence = { tradingDay, session: true, opensAt: window.opensAt, closesAt: window.closesAt };
  if (Date.parse(at) <= Date.parse(window.closesAt)) return pass('calendar', evidence);
  const message = `the execution window of ${tradingDay} ended at ${londonTime(window.closesAt)} UK time`;
  return fail('calendar', [reason('WINDOW_PASSED', tradingDay, message, { at, closesAt: window.closesAt })], evidence);
}
