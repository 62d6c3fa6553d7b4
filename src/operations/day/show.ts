import type { Client } from '@temporalio/client';
import type { Knex } from 'knex';
import { DAY_MESSAGES } from '../../contract/day-messages.js';
import { tradingDayId } from '../../contract/workflows.js';
import { newestDay, recallDay } from '../../db/days.js';
import { isSession, londonTime, tradingDayOf, type CalendarAdditions } from '../../domain/calendar/calendar.js';
import { isIsoDate } from '../../domain/dates.js';
import { dayOutcome, dayState, waitingFor, type DayView } from '../../domain/day/state.js';
import { outcomeOf, refusal, usageError, type Outcome } from '../../domain/errors.js';
import { nextOfClosed, nextOfNone } from '../../reports/catalogue/next.js';
import { bounded } from '../../domain/text.js';
import type { Instant, IsoDate } from '../../domain/types.js';

/** Where days are looked at: what is stored, and the server whose workflows may know more. */
export interface DayLook {
  db: Knex;
  /** Asks the server while a worker is up to answer; null when none is. */
  askServer(ask: (client: Client) => Promise<DayView | null>): Promise<DayView | null>;
}

/** Where a day stands, and what is typed instead of its own next step where the market is closed today. */
export interface ShownDay {
  view: DayView;
  instead: string | null;
}

/** The account's own today, and which days are sessions. */
interface Today {
  tradingDay: IsoDate;
  calendar: CalendarAdditions;
}

/**
 * Where a day stands, the newest that was opened when none is named: its workflow's own words where it runs, what is stored
 * otherwise.
 */
export function showDay(
  look: DayLook,
  {
    account,
    tradingDay: asked,
    at,
    calendar,
  }: { account: string; tradingDay: string | undefined; at: Instant; calendar: CalendarAdditions },
): Promise<Outcome<ShownDay>> {
  return outcomeOf(async () => {
    const today = { tradingDay: tradingDayOf(at), calendar };
    const tradingDay = asked === undefined ? await newestOpened(look.db, account, today) : dateAsked(asked);
    const stored = await recallDay(look.db, { account, tradingDay });
    const recalled: DayView = {
      ...stored,
      account,
      tradingDay,
      state: dayState(stored),
      waitingFor: waitingFor(stored, londonTime),
      outcome: dayOutcome(stored),
      announced: [],
      rejected: [],
    };
    if (stored.closedAt)
      return {
        view: recalled,
        instead: isSession(today.tradingDay, calendar) ? null : nextOfClosed(today.tradingDay, calendar, account),
      };
    const running = await look.askServer((client) => wordsOf(client, tradingDayId(account, tradingDay)));
    return { view: running ?? recalled, instead: null };
  });
}

function dateAsked(asked: string): IsoDate {
  if (isIsoDate(asked)) return asked;
  throw usageError('DATE_INVALID', `trading-day: ${bounded(asked)}: must be a date YYYY-MM-DD`, {
    remedy: 'trading-ops day --trading-day YYYY-MM-DD',
  });
}

async function newestOpened(db: Knex, account: string, { tradingDay, calendar }: Today): Promise<IsoDate> {
  const newest = await newestDay(db, account);
  if (newest !== null) return newest;
  const isOpen = isSession(tradingDay, calendar);
  throw refusal(
    'NO_DAY',
    `account ${account} has no trading day yet${isOpen ? '' : `, and the market is closed on ${tradingDay}`}`,
    { remedy: isOpen ? nextOfNone(account) : nextOfClosed(tradingDay, calendar, account) },
  );
}

/** What the day's workflow says; null when the server has none. */
async function wordsOf(client: Client, id: string): Promise<DayView | null> {
  try {
    return await client.workflow.getHandle(id).query<DayView>(DAY_MESSAGES.day);
  } catch (error) {
    if ((error as Error).name === 'WorkflowNotFoundError') return null;
    throw error;
  }
}
