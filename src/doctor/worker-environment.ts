import { environmentOf } from '../runtime/environment.js';
import { readSecretFiles } from '../runtime/secret-files.js';
import { workerProcess } from '../runtime/processes/worker.js';
import type { Patient } from './patient.js';

/**
 * The worker of this machine, with the environment it works with; null where there is none, or it may not be looked
 * at.
 */
export function workerOf({
  paths,
  settings,
}: Pick<Patient, 'paths' | 'settings'>): { pid: number; env: NodeJS.ProcessEnv | null } | null {
  const running = settings.runtime === 'compose' ? null : workerProcess(paths);
  if (!running) return null;
  const env: NodeJS.ProcessEnv | null = environmentOf(running.pid);
  try {
    // A process shows what it was started with; what that names by files, the worker has read for itself.
    if (env) readSecretFiles(env);
  } catch {
    // Then neither could the worker, and its log says so.
  }
  return { pid: running.pid, env };
}
