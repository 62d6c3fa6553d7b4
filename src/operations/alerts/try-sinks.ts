import type { Client } from '@temporalio/client';
import { alertWorkflowId } from '../../contract/alerts.js';
import { WORKFLOWS } from '../../contract/workflows.js';
import { deliveriesOf, type Delivery } from '../../db/alert-deliveries.js';
import type { Db } from '../../db/connect.js';
import { mailboxesOf, type AlertsPolicy } from '../../domain/policy/alerts.js';
import type { Instant } from '../../domain/types.js';
import { raiseAlert, recoverAlert } from './raise.js';

/** What became of a test alert at every sink of the policy. */
export interface TriedSinks {
  alertId: string;
  sinks: string[];
  /** Those that did not take it. */
  failed: string[];
  deliveries: Delivery[];
}

/** The sinks that a test alert would go to, by their names. */
export const sinksOf = (policy: AlertsPolicy): string[] => policy.sinks.flatMap(mailboxesOf).map(({ name }) => name);

/**
 * Raises a real alert and has the worker deliver it, so that the whole way is tried: database, Temporal, worker,
 * the worker's secrets, each sink. One attempt a sink.
 */
export async function trySinks(
  { db, client, taskQueue, now }: { db: Db; client: Client; taskQueue: string; now(): Instant },
  policy: AlertsPolicy,
): Promise<TriedSinks> {
  const at = now();
  const test = { account: null, code: 'ALERT_TEST', subject: at, at } as const;
  const message = 'This is a test of trading-ops: its alerts arrive here.';
  const { alertId } = await raiseAlert(db, { ...test, tradingDay: null, message });
  const input = { alertId, notice: 'ALERT' as const };
  await client.workflow.execute(WORKFLOWS.deliverAlert, {
    workflowId: alertWorkflowId(input),
    taskQueue,
    args: [input],
    staticSummary: 'ALERT_TEST',
    workflowIdConflictPolicy: 'USE_EXISTING',
  });
  await recoverAlert(db, { ...test, message: 'The test is over.' });
  const sinks = sinksOf(policy);
  const deliveries = await deliveriesOf(db, [alertId]);
  const failed = sinks.filter((name) => !deliveries.some(({ sink, kind }) => sink === name && kind === 'SENT'));
  return { alertId, sinks, failed, deliveries };
}
