import { randomUUID } from 'node:crypto';
import { linkSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { faultError } from '../../domain/errors.js';
import { readRegularSync } from '../../files/regular.js';
import { identify, isAlive, ProcessIdentity } from './processes.js';

const WAIT_MAX_MS = 20 * 60_000;

/**
 * Runs the work while holding a lock file that names its holder; waits for a live holder, takes over from a dead one.
 * The file appears whole (by `link`), so that nobody ever reads a lock without a holder in it.
 * Throws a fault when the holder does not let go within 20 minutes (a first build of the Temporal server takes five).
 */
export async function withLock<T>(file: string, waiting: (holder: number) => void, work: () => Promise<T>): Promise<T> {
  const mine = `${JSON.stringify({ ...identify(process.pid), token: randomUUID() })}\n`;
  await acquire(file, mine, waiting);
  try {
    return await work();
  } finally {
    if (readOrEmpty(file) === mine) rmSync(file, { force: true });
  }
}

/** Whether somebody who lives holds the lock. */
export function isHeld(file: string): boolean {
  const holder = holderOf(readOrEmpty(file));
  return holder !== null && isAlive(holder);
}

async function acquire(file: string, mine: string, waiting: (holder: number) => void): Promise<void> {
  const deadline = Date.now() + WAIT_MAX_MS;
  let told = false;
  while (!tryLink(file, mine)) {
    const seen = readOrEmpty(file);
    const holder = holderOf(seen);
    if (seen !== '' && (holder === null || !isAlive(holder))) breakLock(file, seen);
    else if (holder) {
      if (!told) waiting(holder.pid);
      told = true;
      if (Date.now() > deadline) throw heldTooLong(file, holder.pid);
      await delay(150);
    }
  }
}

function tryLink(file: string, content: string): boolean {
  const draft = `${file}.${randomUUID()}`;
  writeFileSync(draft, content, { mode: 0o600 });
  try {
    linkSync(draft, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Removes a dead holder's lock. Where another process has just done so and holds it now, its lock is put back. */
function breakLock(file: string, seen: string): void {
  const aside = `${file}.${randomUUID()}`;
  try {
    renameSync(file, aside);
  } catch {
    return; // somebody else was quicker
  }
  const content = readOrEmpty(aside);
  rmSync(aside, { force: true });
  if (content !== seen) tryLink(file, content);
}

function holderOf(content: string): ProcessIdentity | null {
  try {
    return ProcessIdentity.parse(JSON.parse(content));
  } catch {
    return null;
  }
}

function readOrEmpty(file: string): string {
  try {
    return readRegularSync(file);
  } catch {
    return '';
  }
}

function heldTooLong(file: string, pid: number) {
  return faultError('LOCK_HELD', `Process ${pid} has held ${file} for more than 20 minutes.`, {
    remedy: `See what it does (\`ps -p ${pid}\`), end it if it hangs, and try again.`,
  });
}
