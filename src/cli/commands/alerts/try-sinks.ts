import type { Command } from 'commander';
import { raiseAlert, recoverAlert } from '../../../operations/alerts/raise.js';
import { deliveriesOf } from '../../../db/alert-deliveries.js';
import { EXIT } from '../../kit/exit.js';
import { sinkName } from '../../../domain/policy/alerts.js';
import { alertWorkflowId } from '../../../contract/alerts.js';
import { WORKFLOWS } from '../../../contract/workflows.js';
import { sinkLines } from './list.js';
import { requireDatabase, withContext, type Context } from '../../kit/context.js';
import { showSteps } from '../../kit/steps.js';
import { requireWorker, withTemporal } from '../../kit/temporal.js';

/**
 * Raises a real alert and has the worker deliver it, so that the whole way is tried: database, Temporal, worker, the worker's
 * secrets, each sink. One attempt a sink. Exit 2 when one does not take it, 69 when a service is away.
 */
export async function testAlerts(command: Command): Promise<void> {
  await withContext(command, async (context) => {
    await requireDatabase(context);
    const sinks = context.policy.alerts.sinks.map(sinkName);
    const alertId = await showSteps(async (progress) => {
      progress(sinks.length > 0 ? `Sending a test alert to ${sinks.join(', ')}` : 'Writing a test alert');
      return deliverTest(context);
    });
    const deliveries = await deliveriesOf(context.db, [alertId]);
    const failed = sinks.filter((name) => !deliveries.some(({ sink, kind }) => sink === name && kind === 'SENT'));
    return {
      exitCode: failed.length > 0 ? EXIT.refused : EXIT.done,
      data: { alertId, failed, deliveries },
      lines: [
        failed.length > 0 ? `ALERT_TEST_FAIL: ${failed.join(', ')}` : 'ALERT_TEST_PASS',
        ...sinkLines(deliveries),
        ...(sinks.length === 0 ? ['No sink is configured: alerts are only files and lines of alerts-last.'] : []),
      ],
      next:
        failed.length > 0
          ? "mend alerts.sinks in policy.yml, or the variable in the worker's environment (then make down, make up), and try again"
          : sinks.length === 0
            ? 'add a sink under alerts.sinks in policy.yml, which explains how'
            : 'look whether it arrived',
    };
  });
}

async function deliverTest(context: Context): Promise<string> {
  const at = new Date().toISOString();
  const { db, settings } = context;
  return withTemporal(settings, async (client) => {
    await requireWorker(client, context);
    const test = { account: null, code: 'ALERT_TEST', subject: at, at } as const;
    const { alertId } = await raiseAlert(db, {
      ...test,
      tradingDay: null,
      message: 'This is a test: alerts of trading-ops arrive here.',
    });
    const input = { alertId, notice: 'ALERT' as const };
    await client.workflow.execute(WORKFLOWS.deliverAlert, {
      workflowId: alertWorkflowId(input),
      taskQueue: settings.taskQueue,
      args: [input],
      staticSummary: 'ALERT_TEST',
      workflowIdConflictPolicy: 'USE_EXISTING',
    });
    await recoverAlert(db, { ...test, message: 'The test is over.' });
    return alertId;
  });
}
