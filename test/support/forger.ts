import { NativeConnection, Worker } from '@temporalio/worker';
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import type { Installation } from './stack.js';
import { testTemporal } from './temporal.js';

const WORKFLOWS = fileURLToPath(new URL('./forged-workflows.ts', import.meta.url));

/** Workflows of somebody else's making: they ask the installation's own worker for its activities. */
export interface Forger {
  taskQueue: string;
  stop(): Promise<void>;
}

/** Starts a worker with them; who runs the server decides who may do so. */
export async function startForger({ settings }: Installation): Promise<Forger> {
  const connection = await NativeConnection.connect({ address: testTemporal().address });
  const taskQueue = `forger-${randomUUID()}`;
  const worker = await Worker.create({
    connection,
    namespace: settings.temporalNamespace,
    taskQueue,
    workflowsPath: WORKFLOWS,
  });
  const ended = worker.run();
  return {
    taskQueue,
    async stop() {
      worker.shutdown();
      await ended;
      await connection.close();
    },
  };
}
