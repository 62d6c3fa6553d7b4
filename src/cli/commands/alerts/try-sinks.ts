import type { Command } from 'commander';
import { trySinks } from '../../../operations/alerts/try-sinks.js';
import { machineClock, requireDatabase, withContext } from '../../kit/context.js';
import { EXIT } from '../../kit/exit.js';
import { showSteps } from '../../kit/steps.js';
import { withTemporal, workersOf } from '../../kit/temporal.js';
import { requireWorker } from '../../../operations/workers.js';
import { sinkLines } from './list.js';

/** Sends a test alert the whole way. Exit 2 when a sink does not take it or none is there, 69 when a service is away. */
export async function testAlerts(command: Command): Promise<void> {
  await withContext(command, async (context) => {
    await requireDatabase(context);
    const { db, settings, policy } = context;
    const { taskQueue } = settings;
    const { alertId, sinks, failed, deliveries } = await showSteps((progress) =>
      withTemporal(settings, async (client) => {
        await requireWorker(client, workersOf(context));
        progress('Sending a test alert to every sink');
        return trySinks({ db, client, taskQueue, now: machineClock }, policy.alerts);
      }),
    );
    return {
      exitCode: failed.length > 0 || sinks.length === 0 ? EXIT.refused : EXIT.done,
      data: { alertId, failed, deliveries },
      lines: [
        sinks.length === 0
          ? 'ALERT_TEST_FAIL: no sink is configured, so nobody is told'
          : failed.length > 0
            ? `ALERT_TEST_FAIL: ${failed.join(', ')}`
            : 'ALERT_TEST_PASS',
        ...sinkLines(deliveries),
        ...(sinks.length === 0 ? ['Alerts are only files and lines of alerts-last.'] : []),
      ],
      next:
        failed.length > 0
          ? "mend alerts.sinks in policy.yml, or the variable in the worker's environment " +
            '(then make down, make up), and try again'
          : sinks.length === 0
            ? 'add a sink under alerts.sinks in policy.yml, which explains how'
            : 'look whether it arrived',
    };
  });
}
