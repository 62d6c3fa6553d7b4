import type { Knex } from 'knex';
import { findAccount } from '../../db/accounts.js';
import { appendAudit } from '../../db/audit.js';
import { currentConfiguration } from '../../db/current-configuration.js';
import { recallDay, recordDayEvent } from '../../db/days.js';
import { inTransaction } from '../../db/transaction.js';
import type { AlertCode } from '../../domain/alerts/codes.js';
import { isPastWindow } from '../../domain/day/slots.js';
import { refusal } from '../../domain/errors.js';
import type { Instant } from '../../domain/types.js';
import type { DayKey } from '../../contract/day-messages.js';
import { recoverAlertsOfDay } from '../alerts/raise.js';
import type { Installation } from '../installation.js';

/** Alerts about a day that has not ended; its close is what they wait for. */
const OF_THE_DAY: AlertCode[] = ['CONFIRMATION_DUE', 'CONFIRMATION_OVERDUE', 'TICKET_TRADE', 'MESSAGE_REFUSED'];

export interface CloseDay extends DayKey {
  /** When it closes, on a simulated clock; a real account's day closes by this machine's. */
  at: Instant;
  /** It is not confirmed: its 14:00 run was missed, so there is no ticket to wait for. */
  missed?: boolean;
}

/**
 * Closes the day: the first time stands.
 * @throws OpsError DAY_NOT_OVER when it is said to be missed and was never opened, has a ticket, or may still get one
 */
export async function closeDay(
  { db, now }: Pick<Installation, 'db' | 'now'>,
  { account, tradingDay, at: said, missed = false }: CloseDay,
): Promise<{ closedAt: Instant }> {
  const owner = await findAccount(db, account);
  const at = owner?.clock === 'real' ? now() : said;
  if (missed) await refuseUnlessMissed(db, { account, tradingDay }, at);
  await inTransaction(db, async (trx) => {
    const closed = await recordDayEvent(trx, { account, tradingDay }, 'CLOSED', at);
    if (!closed) return;
    const how = missed ? 'is closed: its 14:00 run was missed' : 'is confirmed and closed';
    const message = `${tradingDay} of ${account} ${how}.`;
    await recoverAlertsOfDay(trx, { account, tradingDay, codes: OF_THE_DAY, message, at });
    await appendAudit(trx, { at, account, actor: 'system', action: 'day.closed', subject: tradingDay, detail: {} });
  });
  const { closedAt } = await recallDay(db, { account, tradingDay });
  return { closedAt: closedAt as Instant };
}

/** Anybody who reaches the server can say that a run was missed: what is stored and the clock decide. */
async function refuseUnlessMissed(db: Knex, day: DayKey, at: Instant): Promise<void> {
  const [stored, configuration] = [await recallDay(db, day), await currentConfiguration(db)];
  const over = configuration !== null && isPastWindow({ ...day, slot: '1400' }, at, configuration.policy);
  if (stored.openedAt && !stored.ticket && over) return;
  const why = !stored.openedAt
    ? 'was never opened'
    : stored.ticket
      ? `has ticket ${stored.ticket.ticketId}`
      : `may still get one: it is ${at}`;
  throw refusal(
    'DAY_NOT_OVER',
    `trading day: ${day.tradingDay}: must be over without a ticket to be closed as missed; it ${why}`,
    {
      remedy: 'trading-ops day',
    },
  );
}
