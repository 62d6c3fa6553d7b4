import { Client, Connection } from '@temporalio/client';
import type { Context } from '@temporalio/activity';

/**
 * The worker of an installation that kills itself with SIGKILL at one boundary of one activity. Started by
 * test/support/kill-points.ts with FAULT_STEP (`tradingDay/confirm#7`: the number that the workflow gives it) and
 * FAULT_POINT: `before` the activity runs,
 * `committed` after it ran and before it reports, `reported` once the server has its report.
 */
const step = process.env['FAULT_STEP'] ?? '';
const point = process.env['FAULT_POINT'] ?? '';
const POLL_MS = 5;

// The compiled program, as an operator runs it; only this file is TypeScript.
const built = (module: string) => import(new URL(`../../dist/${module}.js`, import.meta.url).href) as Promise<unknown>;
const { loadSettings } = (await built('runtime/settings')) as typeof import('../../src/runtime/settings.js');
const { temporalConnectConfig } = (await built(
  'runtime/temporal/connection',
)) as typeof import('../../src/runtime/temporal/connection.js');
const { createWorker } = (await built('worker/worker')) as typeof import('../../src/worker/worker.js');

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

async function dieOnceReported({ info }: Context): Promise<void> {
  const { workflowId = '', runId } = info.workflowExecution ?? {};
  for (;;) {
    const { raw } = await client.workflow.getHandle(workflowId, runId).describe();
    if (!raw.pendingActivities?.some(({ activityId }) => activityId === info.activityId)) die();
    await new Promise((resolve) => void setTimeout(resolve, POLL_MS));
  }
}

function die(): never {
  process.kill(process.pid, 'SIGKILL');
  throw new Error('killed');
}
