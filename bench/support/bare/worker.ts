import { Client, Connection } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import { fileURLToPath } from 'node:url';
import { waitingQueue } from '../../../src/contract/workflows.js';
import { installLogging } from '../../../src/worker/logging.js';
import { WAITING_ACTIVITIES, WORKER_SETTINGS } from '../../../src/worker/settings.js';
import type { BareDay } from './workflow.js';

/** A worker with an activity that does nothing, run as a process of its own: `worker.ts <address> <namespace> <task queue>`. */
const [address = '', namespace = '', taskQueue = ''] = process.argv.slice(2);
installLogging('error');
const connection = await NativeConnection.connect({ address });
const client = new Client({ connection: await Connection.connect({ address }), namespace });

/** Starts a day from within an activity, as our prompts do, and waits for its end where they wait for an answer. */
async function startDay({ workflowId, shape, isAwaited }: BareDay): Promise<null> {
  const handle = await client.workflow.start('bare', { taskQueue, workflowId, args: [shape] });
  if (isAwaited) await handle.result();
  return null;
}

const common = { connection, namespace, ...WORKER_SETTINGS };
const workers = await Promise.all([
  Worker.create({
    ...common,
    taskQueue,
    workflowsPath: fileURLToPath(new URL('./workflow.ts', import.meta.url)),
    activities: { nothing: async () => null, startDay },
  }),
  Worker.create({
    ...common,
    taskQueue: waitingQueue(taskQueue),
    activities: { startDay },
    maxConcurrentActivityTaskExecutions: WAITING_ACTIVITIES,
  }),
]);
const stopped = Promise.all(workers.map((worker) => worker.run()));
process.stdout.write('ready\n');
await stopped;
