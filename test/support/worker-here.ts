import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { repositoryRoot } from '../../src/runtime/paths.js';
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
  return {
    async stop() {
      shutdown();
      await stopped;
      await close();
    },
  };
}
