import { recordDelivery } from '../../db/alert-deliveries.js';
import { storedNotice, type Post, type SinkOfNotice } from './delivery.js';
import { raiseAlert } from './raise.js';

/** Records that a sink is given up, and raises the alert that says so to the other sinks. */
export async function giveUpAlert(
  { db, now }: Pick<Post, 'db' | 'now'>,
  { alertId, notice, sink, why }: SinkOfNotice & { why: string },
): Promise<void> {
  const { alert } = await storedNotice(db, { alertId, notice });
  const at = now();
  await recordDelivery(db, { alertId, notice, sink, kind: 'GAVE_UP', attempt: null, note: why, at }, '');
  if (notice === 'RECOVERY' || alert.code === 'ALERT_TEST') return;
  await raiseAlert(db, {
    account: null,
    tradingDay: alert.tradingDay,
    code: 'ALERT_UNDELIVERED',
    subject: sink,
    at,
    message: `${sink} did not take the alert ${alert.code} (${alertId}): ${why}`,
    evidence: { alertId, code: alert.code },
  });
}
