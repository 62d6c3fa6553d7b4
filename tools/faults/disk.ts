import { execa } from 'execa';
import { constants, mkdirSync, readFileSync } from 'node:fs';
import { commandLine, findByCommandLine, identify } from '../../src/runtime/processes/processes.js';
import { open, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';

const FILLER = 'filler';
const PIECE = Buffer.alloc(1 << 20);

const NAME = 'trading-ops-faults';

/**
 * Ends what runs that were killed have left: workers, whose servers are stopped with their directories, and disks, whose
 * directories cannot be removed before.
 */
export async function clearLeftovers(): Promise<void> {
  for (const { pid } of findByCommandLine('--single-threaded-gc')) {
    const owner = ownerOf(commandLine(pid));
    if (owner !== null && identify(owner) === null) process.kill(pid, 'SIGKILL');
  }
  for (const line of readFileSync('/proc/mounts', 'utf8').split('\n')) {
    const [name, directory = ''] = line.split(' ');
    const owner = ownerOf(directory);
    if (name === NAME && owner !== null && identify(owner) === null)
      await execa('umount', ['-l', directory], { reject: false });
  }
}

/** The process whose run a path is of; null for any other path. */
function ownerOf(text: string): number | null {
  const [, pid] = /trading-ops-test-(\d+)-\w+\/job-/.exec(text) ?? [];
  return pid === undefined ? null : Number(pid);
}

/** A small file system in memory that can be filled up; a plain directory where nobody may mount one. */
export class Disk {
  private constructor(
    readonly directory: string,
    /** Whether it is a file system of its own, so that it may be filled. */
    readonly isOwn: boolean,
  ) {}

  static async mount(directory: string, megabytes: number): Promise<Disk> {
    mkdirSync(directory, { recursive: true, mode: 0o755 });
    const options = `size=${megabytes}m,mode=0755`;
    const { exitCode } = await execa('mount', ['-t', 'tmpfs', '-o', options, NAME, directory], {
      reject: false,
    });
    return new Disk(directory, exitCode === 0);
  }

  /** Takes all the space there is. */
  async fill(): Promise<void> {
    if (!this.isOwn) return;
    const file = await open(join(this.directory, FILLER), constants.O_WRONLY | constants.O_CREAT, 0o600);
    try {
      const { bfree, bsize } = await statfs(this.directory);
      let position = 0;
      for (let left = bfree * bsize; left > 0; left -= PIECE.length) {
        const { bytesWritten } = await file.write(PIECE, 0, Math.min(PIECE.length, left), position);
        position += bytesWritten;
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    } finally {
      await file.close();
    }
  }

  async free(): Promise<void> {
    await rm(join(this.directory, FILLER), { force: true });
  }

  async unmount(): Promise<void> {
    if (this.isOwn) await execa('umount', ['-l', this.directory], { reject: false });
  }
}
