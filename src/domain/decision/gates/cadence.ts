import { isRebalanceDay, nextSession, type CalendarAdditions } from '../../calendar/calendar.js';
import type { DecisionFacts } from '../facts.js';
import type { GateResult, IsoDate } from '../../types.js';
import { fail, pass, reason } from './result.js';

/** `NOT_REBALANCE_DAY` unless the policy's cadence lets the portfolio be changed on the trading day. */
export function cadenceGate(
  facts: Pick<DecisionFacts, 'tradingDay'> & { policy: Pick<DecisionFacts['policy'], 'calendar' | 'trading'> },
): GateResult {
  const {
    tradingDay,
    policy: {
      calendar,
      trading: { cadence },
    },
  } = facts;
  const evidence = { tradingDay, cadence };
  if (isRebalanceDay(tradingDay, cadence, calendar)) return pass('cadence', evidence);
  const next = nextRebalanceDay(tradingDay, cadence, calendar);
  const rule = cadence === 'weekly' ? 'the first session of the week' : 'every session';
  const message = `${tradingDay} is no rebalance day: the cadence is ${cadence}, ${rule}; the next one is ${next}`;
  return fail(
    'cadence',
    [reason('NOT_REBALANCE_DAY', tradingDay, message, { cadence, nextRebalanceDay: next })],
    evidence,
  );
}

function nextRebalanceDay(date: IsoDate, cadence: 'weekly' | 'daily', added: CalendarAdditions): IsoDate {
  let day = nextSession(date, added);
  while (!isRebalanceDay(day, cadence, added)) day = nextSession(day, added);
  return day;
}
