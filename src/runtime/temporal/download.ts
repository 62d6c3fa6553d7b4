import { execa } from 'execa';
import { chmodSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Progress } from '../parts.js';
import { repositoryRoot } from '../paths.js';

/** Where nothing has arrived after this time there is no internet (or no way to that host): build instead. */
const FIRST_BYTE_MAX_MS = 8_000;
const STALL_MAX_MS = 30_000;
const PROGRAM_MIN_BYTES = 10 * 1024 ** 2;

/**
 * Tries the SDK's own download of the development server: seconds with internet, refused at once without.
 * @param target where the program goes, by an atomic rename
 * @returns false when nothing could be downloaded; never throws for that
 */
export async function downloadTemporal(version: string, target: string, progress: Progress): Promise<boolean> {
  progress(`Getting the Temporal server ${version} (once): trying the SDK's download`);
  const directory = mkdtempSync(`${target}.download-`);
  try {
    const script = join(repositoryRoot, 'tools', 'fetch-temporal.mjs');
    const child = execa(process.execPath, [script, version, directory], {
      reject: false,
      cwd: repositoryRoot,
      forceKillAfterDelay: 1_000,
    });
    const watch = killWhenStalled(directory, () => child.kill('SIGTERM'));
    await child;
    clearInterval(watch);
    return place(directory, target);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function killWhenStalled(directory: string, kill: () => void): NodeJS.Timeout {
  const since = { size: 0, at: Date.now() };
  return setInterval(() => {
    const size = sizeOf(directory);
    if (size > since.size) Object.assign(since, { size, at: Date.now() });
    if (Date.now() - since.at > (size === 0 ? FIRST_BYTE_MAX_MS : STALL_MAX_MS)) kill();
  }, 250);
}

function place(directory: string, target: string): boolean {
  // The SDK chooses the name, and has changed it before: the program is what is large and finished.
  const program = readdirSync(directory).find(
    (name) => !name.includes('download') && statSync(join(directory, name)).size > PROGRAM_MIN_BYTES,
  );
  if (!program) return false;
  chmodSync(join(directory, program), 0o755);
  renameSync(join(directory, program), target);
  return true;
}

function sizeOf(directory: string): number {
  return readdirSync(directory).reduce(
    (sum, name) => sum + (statSync(join(directory, name), { throwIfNoEntry: false })?.size ?? 0),
    0,
  );
}
