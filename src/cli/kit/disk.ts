import { faultError, type OpsError } from '../../domain/errors.js';
import { freeBytes } from '../../runtime/directories.js';
import type { Settings } from '../../runtime/settings.js';

/** Less than a page of each: neither server of this machine can write with so little. */
const NO_ROOM_BYTES = 1024 * 1024;

/**
 * What is told of a server that does not answer, or answers nothing of use, because the disk it writes to is full;
 * null where there is room, and where the servers are not of this machine.
 */
export function fullDisk({ runtime, dataDir }: Pick<Settings, 'runtime' | 'dataDir'>): OpsError | null {
  if (runtime !== 'local') return null;
  const free = freeBytes(dataDir);
  if (free === null || free >= NO_ROOM_BYTES) return null;
  return faultError('DISK_FULL', `the disk of ${dataDir} is full: Postgres and Temporal can store nothing there`, {
    remedy:
      'free some space there (old postgres-data.bak-* directories, trading-ops artifacts-retention, logs), then make up',
  });
}
