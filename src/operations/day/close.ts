import type { Knex } from 'knex';
import { appendAudit } from '../../db/audit.js';
import { recallDay, recordDayEvent } from '../../db/days.js';
import { inTransaction } from '../../db/transaction.js';
import type { AlertCode } from '../../domain/alerts/codes.js';
import type { Instant } from '../../domain/types.js';
import type { DayKey } from '../../contract/day-messages.js';
import { recoverAlertsOfDay } from '../alerts/raise.js';

/** Alerts about a day that has not ended; its close is what they wait for. */
const OF_THE_DAY: AlertCode[] = ['CONFIRMATION_DUE', 'CONFIRMATION_OVERDUE', 'TICKET_TRADE', 'MESSAGE_REFUSED'];

/** Closes the day: the first time stands. */
export async function closeDay({ db }: { db: Knex }, { account, tradingDay, at }: DayKey & { at: Instant }): Promise<{ closedAt: Instant }> {
  await inTransaction(db, async (trx) => {
    const closed = await recordDayEvent(trx, { account, tradingDay }, 'CLOSED', at);
    if (!closed) return;
    await recoverAlertsOfDay(trx, { account, tradingDay, codes: OF_THE_DAY, message: `${tradingDay} of ${account} is confirmed and closed.`, at });
    await appendAudit(trx, { at, account, actor: 'system', action: 'day.closed', subject: tradingDay, detail: {} });
  });
  const { closedAt } = await recallDay(db, { account, tradingDay });
  return { closedAt: closedAt as Instant };
}
