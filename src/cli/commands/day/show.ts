import type { Command } from 'commander';
import { tradingDayId } from '../../../contract/workflows.js';
import { recallDay } from '../../../db/days.js';
import { londonTime } from '../../../domain/calendar/calendar.js';
import { dayOutcome, dayState, waitingFor, type DayView } from '../../../domain/day/state.js';
import { refusal, usageError } from '../../../domain/errors.js';
import { isIsoDate } from '../../../domain/dates.js';
import type { IsoDate } from '../../../domain/types.js';
import { DAY_MESSAGES } from '../../../contract/day-messages.js';
import { withContext, type Context } from '../../kit/context.js';
import { withTemporal, workerIsUp } from '../../kit/temporal.js';
import { bounded } from '../../../domain/text.js';

/** Shows where a day stands: its workflow's own words where it runs, what is stored otherwise. */
export async function showDay(command: Command): Promise<void> {
  await withContext(command, async (context) => {
    const tradingDay = await dayAskedFor(context, command.opts<{ tradingDay?: string }>().tradingDay);
    const view = await viewOfDay(context, tradingDay);
    return {
      data: view,
      next: nextStep(view),
      lines: [
        `${view.account} ${view.tradingDay}: ${view.state}${view.outcome ? `, ${view.outcome}` : ''}`,
        `Waiting for ${view.waitingFor}`,
        ...view.rejected.map(({ message, why }) => `Refused: ${message}: ${why}`),
      ],
    };
  });
}

async function dayAskedFor({ db, account }: Context, asked: string | undefined): Promise<IsoDate> {
  if (asked !== undefined && !isIsoDate(asked))
    throw usageError('DATE_INVALID', `trading-day: ${bounded(asked)}: must be a date YYYY-MM-DD`);
  if (asked !== undefined) return asked;
  const newest = await db('day_events')
    .where({ account: account.account, event: 'OPENED' })
    .orderBy('trading_day', 'desc')
    .first<{ trading_day: IsoDate } | undefined>('trading_day');
  if (newest) return newest.trading_day;
  throw refusal('NO_DAY', `account ${account.account} has no trading day yet`, { remedy: 'make run-0800' });
}

async function viewOfDay(context: Context, tradingDay: IsoDate): Promise<DayView> {
  const { account } = context.account;
  const stored = await recallDay(context.db, { account, tradingDay });
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
  if (stored.closedAt) return recalled;
  return withTemporal(context.settings, async (client) => {
    if (!(await workerIsUp(client, context))) return recalled;
    try {
      return await client.workflow.getHandle(tradingDayId(account, tradingDay)).query<DayView>(DAY_MESSAGES.day);
    } catch (error) {
      if ((error as Error).name === 'WorkflowNotFoundError') return recalled;
      throw error;
    }
  });
}

function nextStep(view: DayView): string {
  switch (view.state) {
    case 'open':
      return 'make reconcile-daily -- --snapshot-date YYYY-MM-DD --cash-gbp <cash> --position SYMBOL=UNITS';
    case 'reconciled':
      return 'make run-1400, at 14:00';
    case 'ticketed':
      return view.ticket?.kind === 'TRADE' ? 'FILLS_JSON=/path/to/fills.json make confirm-fills' : 'make confirm';
    default:
      return 'trading-ops ledger-report';
  }
}
