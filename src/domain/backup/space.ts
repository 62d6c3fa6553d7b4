import { faultError, type OpsError } from '../errors.js';

const MB = 1024 ** 2;
/** A second cluster is a little larger than the database in it, and its write-ahead log comes on top. */
const FACTOR = 1.3;
const SPARE_BYTES = 200 * MB;

/**
 * What is wrong with restoring a database beside the live one: null where there is room for it, or nobody can say.
 * @param bytes size of the database
 * @param free bytes that are free at `place`; null when the machine does not tell
 */
export function lackOfSpace(bytes: number, free: number | null, place: string): OpsError | null {
  const needed = Math.ceil(bytes * FACTOR) + SPARE_BYTES;
  if (free === null || free >= needed) return null;
  return faultError(
    'DISK_FULL',
    `A second copy of the database needs ${Math.ceil(needed / MB)} MB where ${place} is; ` +
      `${Math.floor(free / MB)} MB are free.`,
    { remedy: 'free some space: older postgres-data.bak-… directories may go (docs/RUNBOOK.md, Restore proof)' },
  );
}
