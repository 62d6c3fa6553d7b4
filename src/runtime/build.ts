import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { repositoryRoot } from './paths.js';

const dist = join(repositoryRoot, 'dist');
const stamp = join(dist, 'build-id');

/** What the program in dist/ was built from, 12 hex digits; null when it was never built. */
export function buildId(): string | null {
  try {
    return readFileSync(stamp, 'utf8').trim() || null;
  } catch {
    return null;
  }
}

/**
 * Made from the modules, and with paths of this machine in it: it would make the same code another build in a
 * container.
 */
const BUNDLE = 'workflow-bundle.js';

/** Names the build by the content of every module in dist/; called once at its end. */
export function stampBuild(): string {
  const modules = readdirSync(dist, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.js') && file !== BUNDLE)
    .toSorted();
  const hash = createHash('sha256');
  for (const file of modules) hash.update(`${file}\0`).update(readFileSync(join(dist, file)));
  const id = hash.digest('hex').slice(0, 12);
  writeFileSync(stamp, `${id}\n`);
  return id;
}

/** How a worker names itself to Temporal: process, machine and build, as `12345@host trading-ops+0a1b2c3d4e5f`. */
export const workerIdentity = (): string => `${process.pid}@${hostname()} trading-ops+${buildId() ?? 'unknown'}`;

/** The parts of a worker's identity; null for a worker that is not ours. */
export function readIdentity(identity: string): { pid: number; host: string; build: string } | null {
  const [, pid, host, build] = /^(\d+)@(\S+) trading-ops\+(\S+)$/.exec(identity) ?? [];
  return pid && host && build ? { pid: Number(pid), host, build } : null;
}
