import { NativeConnection, Worker } from '@temporalio/worker';
import { fileURLToPath } from 'node:url';
import { installLogging } from '../../../src/worker/logging.js';
import { WORKER_SETTINGS } from '../../../src/worker/settings.js';

/** A worker with an activity that does nothing, run as a process of its own: `worker.ts <address> <namespace> <task queue>`. */
const [address = '', namespace = '', taskQueue = ''] = process.argv.slice(2);
installLogging('error');
const worker = await Worker.create({
  connection: await NativeConnection.connect({ address }),
  namespace,
  taskQueue,
  workflowsPath: fileURLToPath(new URL('./workflow.ts', import.meta.url)),
  activities: { nothing: async () => null },
  ...WORKER_SETTINGS,
});
const stopped = worker.run();
process.stdout.write('ready\n');
await stopped;
