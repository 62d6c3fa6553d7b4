import type { Client } from '@temporalio/client';
import { execa } from 'execa';
import { fileURLToPath } from 'node:url';
import { repositoryRoot } from '../../../src/runtime/paths.js';
import { WORKER_ENVIRONMENT, workerArguments } from '../../../src/runtime/processes/worker.js';
import type { BenchStack } from '../stack.js';
import type { BareRun } from './workflow.js';

const TASK_QUEUE = 'bench-bare';
const WORKER = fileURLToPath(new URL('./worker.ts', import.meta.url));

/** A workflow of no-op activities on the stack's own server, by a worker with our worker's settings. */
export interface BareWorker {
  /** Runs a workflow with so many activities side by side, group after group, and waits for it as the command line would. */
  run(client: Client, shape: readonly number[]): Promise<void>;
  /**
   * Runs a workflow that prompts as many workflows as our run prompts days, each with activities of its own.
   * @returns what the ids of these begin with
   */
  runOfDays(client: Client, run: Omit<BareRun, 'days'> & { days: Omit<BareRun['days'], 'prefix'> }): Promise<string>;
  stop(): Promise<void>;
}

/** Starts the bare worker and waits until it polls. */
export async function startBareWorker({ addresses, settings }: BenchStack): Promise<BareWorker> {
  const sameFlags = workerArguments('').filter((argument) => argument.startsWith('--'));
  const child = execa(
    process.execPath,
    [...sameFlags, '--import', 'tsx', WORKER, addresses.temporalAddress, settings.temporalNamespace, TASK_QUEUE],
    {
      cwd: repositoryRoot,
      env: WORKER_ENVIRONMENT,
      reject: false,
      stderr: 'inherit',
      buffer: false,
    },
  );
  await new Promise<void>((resolve, reject) => {
    child.stdout.once('data', () => resolve());
    void child.then(({ exitCode }) => reject(new Error(`the bare worker ended with ${exitCode}`)));
  });
  let number = 0;
  return {
    run: (client, shape) =>
      client.workflow.execute('bare', {
        taskQueue: TASK_QUEUE,
        workflowId: `bare/${number++}`,
        args: [shape],
        staticSummary: 'No-op activities, to compare with',
      }),
    async runOfDays(client, { before, days, after }) {
      const workflowId = `bare/${number++}`;
      const input: BareRun = { before, days: { ...days, prefix: workflowId }, after };
      await client.workflow.execute('bareRun', { taskQueue: TASK_QUEUE, workflowId, args: [input] });
      return workflowId;
    },
    stop: async () => {
      child.kill();
      await child;
    },
  };
}
