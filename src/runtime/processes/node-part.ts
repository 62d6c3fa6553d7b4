import { existsSync } from 'node:fs';
import { faultError } from '../../domain/errors.js';
import { readRegularSync } from '../../files/regular.js';
import { touch } from '../directories.js';
import { type Progress, tail } from '../parts.js';
import { type InstallationPaths, repositoryRoot } from '../paths.js';
import * as processes from './processes.js';
import type { Settings } from '../settings.js';

const READY_MAX_MS = 60_000;

/** A part of the installation that is a program of ours: a process of Node that says by a file that it is ready. */
export interface NodePart {
  name: 'worker' | 'desk';
  /** The program; it exists once the project is built. */
  entry: string;
  /** Node's arguments; the data directory among them tells one installation's process from another's. */
  args(dataDir: string): string[];
  environment: Record<string, string>;
  /** It may take so long to stop, milliseconds. */
  stopGraceMs: number;
  /** The code of the fault when it does not start. */
  failure: string;
}

/**
 * Starts the part and waits until it says that it is ready. Quiet when it already runs.
 * Throws a fault with the end of its log when it dies or is not ready within a minute.
 */
export async function startPart(
  part: NodePart,
  paths: InstallationPaths,
  settings: Settings,
  progress: Progress,
): Promise<void> {
  const running = partProcess(part, paths);
  if (running && isPartReady(part, paths, running)) return;
  if (running) return waitForReady(part, paths, running);
  if (!existsSync(part.entry)) {
    progress(
      `The ${part.name} is not built (${part.entry} is missing): left out. Type \`make build\`, then \`make up\``,
    );
    return;
  }
  progress(`Starting the ${part.name}`);
  processes.removeFile(paths.ready(part.name));
  touch(paths.log(part.name));
  const started = await processes.startDetached({
    file: process.execPath,
    args: part.args(paths.dataDir),
    env: environmentOf(part, settings),
    cwd: repositoryRoot,
    logFile: paths.log(part.name),
  });
  await processes.writePidFile(paths.pid(part.name), started);
  await waitForReady(part, paths, started);
}

/** Stops the part; quiet when it does not run. Returns the pid that was stopped, or null. */
export async function stopPart(part: NodePart, paths: InstallationPaths): Promise<number | null> {
  const running = partProcess(part, paths);
  if (running) await processes.stopProcess(running, ['SIGTERM'], part.stopGraceMs);
  processes.removeFile(paths.pid(part.name));
  processes.removeFile(paths.ready(part.name));
  return running?.pid ?? null;
}

/** The part's process: by our pid file, else the one started for this data directory. */
export const partProcess = (part: NodePart, paths: InstallationPaths): processes.ProcessIdentity | null =>
  processes.readPidFile(paths.pid(part.name)) ?? processes.findByCommandLine(part.entry, paths.dataDir)[0] ?? null;

/** True when the process has written its pid into the ready file. */
export function isPartReady(part: NodePart, paths: InstallationPaths, running: processes.ProcessIdentity): boolean {
  try {
    return Number.parseInt(readRegularSync(paths.ready(part.name)), 10) === running.pid;
  } catch {
    return false;
  }
}

function environmentOf(part: NodePart, settings: Settings): NodeJS.ProcessEnv {
  return {
    ...part.environment,
    ...process.env,
    TRADING_OPS_DATA: settings.dataDir,
    TRADING_OPS_CONFIG: settings.configDir,
    TRADING_OPS_TASK_QUEUE: settings.taskQueue,
  };
}

async function waitForReady(
  part: NodePart,
  paths: InstallationPaths,
  running: processes.ProcessIdentity,
): Promise<void> {
  await processes.waitUntil(() => isPartReady(part, paths, running) || !processes.isAlive(running), READY_MAX_MS);
  const alive = processes.isAlive(running);
  if (alive && isPartReady(part, paths, running)) return;
  const what = alive ? `was not ready within ${READY_MAX_MS / 1000} s` : 'ended while it started';
  const log = paths.log(part.name);
  throw faultError(part.failure, `The ${part.name} ${what}. The end of ${log}:\n${withoutFrames(tail(log, 30))}`, {
    remedy: 'Remove the cause named there and type `make up` again.',
  });
}

/** The log has the stack; a person needs what was said. */
function withoutFrames(text: string): string {
  return text
    .split('\n')
    .filter((line) => !/^\s+at /.test(line))
    .join('\n');
}
