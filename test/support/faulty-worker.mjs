import { Client, Connection } from '@temporalio/client';
import { loadSettings } from '../../dist/runtime/settings.js';
import { temporalConnectConfig } from '../../dist/runtime/temporal/connection.js';
import { createWorker } from '../../dist/worker/worker.js';

/**
 * The worker of an installation that kills itself with SIGKILL at one boundary of one activity. Started by
 * test/support/kill-points.ts with FAULT_STEP (`tradingDay/confirm#7`: the number that the workflow gives it) and
 * FAULT_POINT: `before` the activity runs, `committed` after it ran and before it reports, `reported` once the server has its
 * report. Plain JavaScript upon the compiled program: a loader of TypeScript doubled what its start takes, and it starts for each
 * boundary of a day.
 */
const step = process.env['FAULT_STEP'] ?? '';
const point = process.env['FAULT_POINT'] ?? '';
const POLL_MS = 5;

const settings = loadSettings();
const { namespace, connectionOptions } = await temporalConnectConfig(settings);
const client = new Client({ connection: await Connection.connect(connectionOptions), namespace });

const { run } = await createWorker(settings, [
  (context) => ({
    inbound: {
      async execute(input, next) {
        const { workflowType, activityType, activityId } = context.info;
        const fatal = `${workflowType}/${activityType}#${activityId}` === step;
        if (fatal && point === 'before') die();
        const result = await next(input);
        if (fatal && point === 'committed') die();
        if (fatal && point === 'reported') void dieOnceReported(context);
        return result;
      },
    },
  }),
]);
await run();

/** @param {import('@temporalio/activity').Context} context */
async function dieOnceReported({ info }) {
  const { workflowId = '', runId } = info.workflowExecution ?? {};
  for (;;) {
    const { raw } = await client.workflow.getHandle(workflowId, runId).describe();
    if (!raw.pendingActivities?.some(({ activityId }) => activityId === info.activityId)) die();
    await new Promise((resolve) => void setTimeout(resolve, POLL_MS));
  }
}

function die() {
  process.kill(process.pid, 'SIGKILL');
  throw new Error('killed');
}
