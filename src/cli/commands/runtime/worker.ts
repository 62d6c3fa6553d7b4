import { execa } from 'execa';
import { faultError } from '../../../domain/errors.js';
import { EXIT } from '../../kit/exit.js';
import { loadSettings } from '../../../runtime/settings.js';
import { WORKER_ENVIRONMENT, workerArguments } from '../../../runtime/processes/worker.js';
import { answer } from '../../kit/context.js';

/** Runs a worker in the foreground until it is interrupted; it finishes what it has begun. */
export async function runWorkerHere(): Promise<void> {
  await answer(false, async () => {
    const { dataDir } = loadSettings();
    const { exitCode, signal } = await execa(process.execPath, [...workerArguments(dataDir), '--extra'], {
      env: { ...WORKER_ENVIRONMENT, ...process.env },
      stdio: 'inherit',
      reject: false,
    });
    if (exitCode === 0 || signal)
      return { exitCode: EXIT.done, data: {}, lines: ['The worker has stopped.'], next: 'make status' };
    throw faultError('WORKER_ENDED', `the worker ended with exit code ${exitCode}`, {
      remedy: 'make status; then read what it printed above',
    });
  });
}
