import type { Alert } from '../../contract/alerts.js';
import { standingAlerts } from '../../db/alerts.js';
import type { Db } from '../../db/connect.js';
import { remindAfterDays, type AlertsPolicy } from '../../domain/policy/alerts.js';
import { raiseAlert, recoverAlert, recoverDataAlerts } from './raise.js';

const DAY_MS = 86_400_000;

/** How an alert ends that is told again because it lasts: no one is told of a recovery that is none. */
export const REMINDED = 'It lasts, and is told again.';

/**
 * Raises the alert of a session's failed prices. While its cause lasts it is one alert, whatever the day: it is told again
 * when the cause changes, which ends the alert of the cause before, or when it has lasted for the policy's
 * `remind_after_days`.
 */
export async function raiseDataAlert(
  trx: Db,
  alert: Alert,
  policy: Pick<AlertsPolicy, 'remind_after_days'>,
): Promise<void> {
  const remindAfter = remindAfterDays(policy);
  // Prices that passed in between ended what was open, also where nobody has looked since.
  await recoverDataAlerts(trx);
  const { account, code, subject, at } = alert;
  for (const standing of await standingAlerts(trx, { account, code })) {
    const series = { account, code, subject: standing.subject };
    const days = (Date.parse(at) - Date.parse(standing.raisedAt)) / DAY_MS;
    if (standing.subject !== subject)
      await recoverAlert(trx, { ...series, message: `The cause is another now: ${subject}.`, at });
    else if (remindAfter !== null && days >= remindAfter) await recoverAlert(trx, { ...series, message: REMINDED, at });
  }
  await raiseAlert(trx, alert);
}
