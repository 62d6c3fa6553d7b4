import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { unreachableError, type OpsError } from '../../domain/errors.js';
import { isHeld } from '../processes/lock.js';
import type { InstallationPaths } from '../paths.js';

/** Where a restore proof says how far it has come; there while one is under way, and after one that was cut short. */
export const restoreStateFile = (paths: InstallationPaths): string => join(paths.run, 'restore-fresh-test.json');

/**
 * Why Postgres does not answer while a restore proof is at it: nobody is to start anything then. Null where none is,
 * and where one was cut short, which the next `up` mends.
 */
export function downForRestore(paths: InstallationPaths): OpsError | null {
  if (!existsSync(restoreStateFile(paths)) || !isHeld(paths.lock)) return null;
  return unreachableError('POSTGRES_DOWN', 'a restore is under way, and Postgres is stopped for it', {
    remedy: 'wait until it is over: what was stopped for it is started again by itself',
  });
}
