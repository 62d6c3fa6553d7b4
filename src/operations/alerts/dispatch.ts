import type { Client } from '@temporalio/client';
import { alertWorkflowId, type DeliverAlertInput } from '../../contract/alerts.js';
import { WORKFLOWS } from '../../contract/workflows.js';
import { deliveriesOf, recordPlan, undelivered, type NoticeKey } from '../../db/alert-deliveries.js';
import type { StoredAlert } from '../../db/alerts.js';
import type { AlertsPolicy } from '../../domain/policy/alerts.js';
import { renderAlert } from '../files/render/alert.js';
import type { Installation } from '../installation.js';
import { isTakenOn, policyInForce, sinksFor, storedAlert, unfinished } from './delivery.js';
import { recoverDataAlerts } from './raise.js';

/** Where notices are handed out: the installation, and the server that brings them. */
export interface Dispatcher extends Installation {
  client: Client;
  taskQueue: string;
}

/**
 * Writes the file of every alert that was not taken on, and starts the workflow of those that have a sink. May be called
 * at any time and by several at once: the workflow's id is the alert's. One that fails holds up no other; the first
 * failure is thrown at the end.
 */
export async function dispatchAlerts(place: Dispatcher): Promise<{ dispatched: number }> {
  await recoverDataAlerts(place.db);
  const notices = await undelivered(place.db);
  const alerts = notices.length > 0 ? await policyInForce(place) : null;
  const failures: unknown[] = [];
  for (const key of notices)
    if (alerts) await dispatch(place, key, alerts).catch((error: unknown) => failures.push(error));
  if (failures.length > 0) throw failures[0];
  return { dispatched: notices.length };
}

async function dispatch(place: Dispatcher, key: NoticeKey, alerts: AlertsPolicy): Promise<void> {
  const { db, now } = place;
  const alert = await storedAlert(db, key.alertId);
  const deliveries = await deliveriesOf(db, [key.alertId]);
  // Whoever cannot write the file (a full disk is an alert itself) still tells the sinks; then it is thrown.
  let notWritten: unknown = null;
  if (key.notice === 'ALERT' && !isTakenOn(deliveries, key))
    await renderAlert(place, key).catch((error: unknown) => (notWritten = error));
  const sinks = isTakenOn(deliveries, key) ? unfinished(deliveries, key) : await sinksFor(db, key, alert, alerts);
  if (sinks.length > 0) await startDelivery(place, key, alert);
  else if (notWritten === null) await recordPlan(db, key, [], now());
  if (notWritten !== null) throw notWritten;
}

async function startDelivery({ client, taskQueue }: Dispatcher, key: NoticeKey, alert: StoredAlert): Promise<void> {
  const input: DeliverAlertInput = { alertId: key.alertId, notice: key.notice };
  await client.workflow.start(WORKFLOWS.deliverAlert, {
    workflowId: alertWorkflowId(input),
    taskQueue,
    args: [input],
    workflowIdConflictPolicy: 'USE_EXISTING',
    workflowIdReusePolicy: 'ALLOW_DUPLICATE',
    staticSummary: `${key.notice === 'RECOVERY' ? 'Recovered: ' : ''}${alert.code}`,
    staticDetails: alert.message,
  });
}
