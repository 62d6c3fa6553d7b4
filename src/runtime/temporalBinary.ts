import { execa } from 'execa';
import { accessSync, constants, mkdirSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { faultError } from '../domain/errors.js';
import { withLock } from './lock.js';
import type { Progress } from './parts.js';
import { binaryCacheDir, repositoryRoot } from './paths.js';
import { buildTemporal } from './temporalBuild.js';
import { downloadTemporal } from './temporalDownload.js';
import { compareVersions } from './versions.js';

/** A `temporal` program, and what it says of itself. */
export interface TemporalBinary {
  file: string;
  /** Version of the command; "0.0.0-DEV" for one built without a version. */
  cli: string;
  server: string;
  ui: string;
}

const CLI_MIN = '1.5.0';
const SERVER_MIN = '1.29.1';

/** The version that tools/go.mod pins, such as "1.8.2". */
export function pinnedVersion(): string {
  const file = join(repositoryRoot, 'tools', 'go.mod');
  const version = /^\s*github\.com\/temporalio\/cli v([\d.]+)/m.exec(readFileSync(file, 'utf8'))?.[1];
  if (version) return version;
  throw faultError('TOOLS_MODULE_BAD', `${file} names no version of github.com/temporalio/cli.`);
}

/** A `temporal` that is already on this machine: on PATH and new enough, else in the per-user cache; else null. */
export async function findTemporal(env: NodeJS.ProcessEnv = process.env): Promise<TemporalBinary | null> {
  const onPath = (env['PATH'] ?? '').split(delimiter).filter(Boolean).map((dir) => join(dir, 'temporal'));
  for (const file of [...onPath, cachedFile(env)]) {
    const found = await inspect(file);
    if (found && newEnough(found)) return found;
  }
  return null;
}

/** Finds the Temporal server, or brings it: the SDK's own download, else a build from tools/. Two callers never build at once. */
export async function requireTemporal(progress: Progress, env: NodeJS.ProcessEnv = process.env): Promise<TemporalBinary> {
  const found = await findTemporal(env);
  if (found) return found;
  const target = cachedFile(env);
  makeCache(binaryCacheDir(env));
  return withLock(`${target}.lock`, (pid) => progress(`Process ${pid} is already getting the Temporal server: waiting for it`), async () => {
    const meanwhile = await findTemporal(env);
    if (meanwhile) return meanwhile;
    if (!(await downloadTemporal(pinnedVersion(), target, progress))) await buildTemporal(pinnedVersion(), target, progress);
    const made = await inspect(target);
    if (made) return made;
    throw faultError('TEMPORAL_BINARY_BAD', `${target} was made but does not run.`, { remedy: `Delete it and type \`make up\` again.` });
  });
}

function makeCache(directory: string): void {
  try {
    mkdirSync(directory, { recursive: true });
    accessSync(directory, constants.W_OK);
  } catch (cause) {
    throw faultError('CACHE_UNUSABLE', `The Temporal server belongs in ${directory}, which this user may not write.`, {
      cause,
      remedy: 'Set XDG_CACHE_HOME to a directory you may write, or put a `temporal` program (1.5 or newer) on PATH.',
    });
  }
}

function cachedFile(env: NodeJS.ProcessEnv): string {
  return join(binaryCacheDir(env), `temporal-${pinnedVersion()}`);
}

async function inspect(file: string): Promise<TemporalBinary | null> {
  try {
    accessSync(file, constants.X_OK);
  } catch {
    return null;
  }
  const answer = await execa(file, ['--version'], { reject: false, timeout: 10_000 });
  const said = /version (\S+) \(Server ([^,)\s]+)(?:, UI ([^)\s]+))?/.exec(answer.stdout);
  return said ? { file, cli: said[1] ?? '', server: said[2] ?? '', ui: said[3] ?? '' } : null;
}

/** A command built without a version calls itself 0.0.0-DEV: then its server's version counts. */
function newEnough(found: TemporalBinary): boolean {
  return compareVersions(found.cli, CLI_MIN) >= 0 || compareVersions(found.server, SERVER_MIN) >= 0;
}
