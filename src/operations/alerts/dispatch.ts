import type { Client } from '@temporalio/client';
import { alertWorkflowId, type DeliverAlertInput } from '../../contract/alerts.js';
import { WORKFLOWS } from '../../contract/workflows.js';
import { recordPlans, storedNotices, undelivered, type Plan, type StoredNotice } from '../../db/alert-deliveries.js';
import { writeAlert } from '../files/render/alert.js';
import type { Installation } from '../installation.js';
import { isTakenOn, policyInForce, sinksFor, unfinished } from './delivery.js';
import { recoverDataAlerts } from './raise.js';

/** Where notices are handed out: the installation, and the server that brings them. */
export interface Dispatcher extends Installation {
  client: Client;
  taskQueue: string;
}

/**
 * Writes the file of every alert that was not taken on, and starts the workflow of those that have a sink. May be called
 * at any time and by several at once: the workflow's id is the alert's. One that fails holds up no other; the first
 * failure is thrown at the end. What is read and recorded is so of all of them at once.
 */
export async function dispatchAlerts(place: Dispatcher): Promise<{ dispatched: number }> {
  await recoverDataAlerts(place.db);
  const keys = await undelivered(place.db);
  if (keys.length === 0) return { dispatched: 0 };
  const alerts = await policyInForce(place);
  const failures: unknown[] = [];
  const wantedByNone: Plan[] = [];
  for (const stored of await storedNotices(place.db, keys)) {
    const isPlanned = isTakenOn(stored.deliveries, stored);
    const sinks = isPlanned ? unfinished(stored.deliveries, stored) : sinksFor(stored, alerts);
    try {
      const { notWritten } = isPlanned ? { notWritten: null } : await writeFileOf(place, stored);
      if (sinks.length > 0) await startDelivery(place, stored);
      else if (notWritten === null) wantedByNone.push({ ...stored, sinks: [] });
      if (notWritten !== null) failures.push(notWritten);
    } catch (error) {
      failures.push(error);
    }
  }
  await recordPlans(place.db, wantedByNone, place.now());
  if (failures.length > 0) throw failures[0];
  return { dispatched: keys.length };
}

/** Whoever cannot write the file (a full disk is an alert itself) still tells the sinks; then it is thrown. */
async function writeFileOf({ dataDir }: Dispatcher, { notice, alert }: StoredNotice): Promise<{ notWritten: unknown }> {
  try {
    if (notice === 'ALERT') await writeAlert(dataDir, alert);
    return { notWritten: null };
  } catch (error) {
    return { notWritten: error };
  }
}

async function startDelivery(
  { client, taskQueue }: Dispatcher,
  { alertId, notice, alert }: StoredNotice,
): Promise<void> {
  const input: DeliverAlertInput = { alertId, notice };
  await client.workflow.start(WORKFLOWS.deliverAlert, {
    workflowId: alertWorkflowId(input),
    taskQueue,
    args: [input],
    workflowIdConflictPolicy: 'USE_EXISTING',
    workflowIdReusePolicy: 'ALLOW_DUPLICATE',
    staticSummary: `${notice === 'RECOVERY' ? 'Recovered: ' : ''}${alert.code}`,
    staticDetails: alert.message,
  });
}
