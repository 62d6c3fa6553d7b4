import { existsSync, readFileSync, statfsSync } from 'node:fs';

const MEMORY = '/dev/shm';
/** Room that a whole run of the suite leaves unused: the most that it filled was an eighth of it. */
const ROOM_MIN_BYTES = 8e9;

/**
 * Where tests keep what they throw away, clusters and databases by the hundred: in memory where there is plenty of it,
 * for on a disk a fifth of their work was the file system's. What runs is put there too, so it must be allowed to.
 * @returns the directory, or undefined where the usual one has to do
 */
export function scratchDirectory(): string | undefined {
  if (!existsSync(MEMORY) || !existsSync('/proc/mounts')) return undefined;
  const mount = readFileSync('/proc/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' '))
    .findLast(([, directory]) => directory === MEMORY);
  const isFit = mount?.[2] === 'tmpfs' && !(mount[3] ?? '').split(',').includes('noexec');
  const { bavail, bsize } = statfsSync(MEMORY);
  return isFit && Math.min(bavail * bsize, process.availableMemory()) >= ROOM_MIN_BYTES ? MEMORY : undefined;
}
