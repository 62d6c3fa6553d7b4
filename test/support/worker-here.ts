import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import { Client, Connection } from '@temporalio/client';
import { setTimeout as delay } from 'node:timers/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { workerIsUp } from '../../src/operations/workers.js';
import { repositoryRoot } from '../../src/runtime/paths.js';
import { temporalConnectConfig } from '../../src/runtime/temporal/connection.js';
import type { Installation } from './stack.js';

const built = (module: string) =>
  import(pathToFileURL(join(repositoryRoot, 'dist', 'worker', `${module}.js`)).href) as Promise<unknown>;
/** Temporal's runtime, with its logger, is one for the process. */
let quiet: boolean | undefined;

/**
 * A worker of this installation inside the test's own process: quicker to start than a process of its own.
 * @param choices now: the machine's clock, which real accounts go by; interceptors: around its activities.
 */
export async function startWorkerHere(
  installation: Pick<Installation, 'settings'>,
  { now, interceptors = [] }: { now?: () => string; interceptors?: ActivityInterceptorsFactory[] } = {},
): Promise<{ stop(): Promise<void> }> {
  const { installLogging } = (await built('logging')) as typeof import('../../src/worker/logging.js');
  const { createWorker } = (await built('worker')) as typeof import('../../src/worker/worker.js');
  quiet ??= (installLogging('error'), true);
  const { run, shutdown, close } = await createWorker(installation.settings, interceptors, now);
  const stopped = run();
  await Promise.race([stopped, hasAsked(installation.settings)]);
  return {
    async stop() {
      shutdown();
      await stopped;
      await close();
    },
  };
}

/** Until the worker has asked for work: before, a command that wants one finds none on a machine that is busy. */
async function hasAsked(settings: Installation['settings']): Promise<void> {
  const { namespace, connectionOptions } = await temporalConnectConfig(settings);
  const connection = await Connection.connect(connectionOptions);
  try {
    const client = new Client({ connection, namespace });
    while (!(await workerIsUp(client, { ...settings, isLocal: false }))) await delay(20);
  } finally {
    await connection.close();
  }
}
