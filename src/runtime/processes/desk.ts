import { get } from 'node:http';
import type { Progress } from '../parts.js';
import { deskEntry, type InstallationPaths } from '../paths.js';
import { isPartReady, type NodePart, partProcess, startPart, stopPart } from './node-part.js';
import type { ProcessIdentity } from './processes.js';
import type { Settings } from '../settings.js';

/** A desk that does not answer within this time is not there. */
const ANSWER_MAX_MS = 3_000;

/**
 * Node's arguments for the desk, whose pages are small: it collects its garbage soon, by the thread that made it. It
 * begins with about the heap that a household's books take: grown to that by steps, all of it was marked again at each,
 * a sixth of what the first look at years of entries takes. The young generation of 2 MB gives back what that costs.
 */
export const deskArguments = (dataDir: string): string[] => [
  '--max-semi-space-size=2',
  '--single-threaded-gc',
  '--initial-old-space-size=32',
  '--max-old-space-size=128',
  deskEntry,
  dataDir,
];

/** glibc otherwise keeps an arena of freed memory for each thread. */
export const DESK_ENVIRONMENT = { MALLOC_ARENA_MAX: '2' };

const DESK: NodePart = {
  name: 'desk',
  entry: deskEntry,
  args: deskArguments,
  environment: DESK_ENVIRONMENT,
  // It holds nothing that must be finished: answers under way have five seconds.
  stopGraceMs: 10_000,
  failure: 'DESK_DID_NOT_START',
};

/** Starts the desk and waits until it listens. Quiet when it already runs. @throws OpsError DESK_DID_NOT_START */
export const startDesk = (paths: InstallationPaths, settings: Settings, progress: Progress): Promise<void> =>
  startPart(DESK, paths, settings, progress);

/** Stops the desk; quiet when it does not run. Returns the pid that was stopped, or null. */
export const stopDesk = (paths: InstallationPaths): Promise<number | null> => stopPart(DESK, paths);

/** The desk's process; null where none runs. */
export const deskProcess = (paths: InstallationPaths): ProcessIdentity | null => partProcess(DESK, paths);

/** True when the desk has said that it listens. */
export const isDeskReady = (paths: InstallationPaths, desk: ProcessIdentity): boolean => isPartReady(DESK, paths, desk);

/** Where the desk is opened: by the name that a browser trusts with what is this machine's own. */
export const deskAddress = (port: number): string => `http://localhost:${port}`;

/**
 * Asks the desk of a port how it is. @returns whether it reaches its database
 * @throws Error when nothing answers there within three seconds, or something else than a desk
 */
export function deskAnswers(port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const asked = get(
      { host: '127.0.0.1', port, path: '/health', headers: { host: `localhost:${port}` }, timeout: ANSWER_MAX_MS },
      (answer) => {
        answer.resume();
        if (answer.statusCode === 200 || answer.statusCode === 503) resolve(answer.statusCode === 200);
        else reject(new Error(`127.0.0.1:${port} answers ${answer.statusCode}: it is not the desk`));
      },
    );
    asked.on('timeout', () => asked.destroy(new Error(`127.0.0.1:${port} does not answer`)));
    asked.on('error', reject);
  });
}
