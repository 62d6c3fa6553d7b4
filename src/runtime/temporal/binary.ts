import { execa } from 'execa';
import { accessSync, constants, mkdirSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { faultError } from '../../domain/errors.js';
import { isExecutable } from '../executable.js';
import { withLock } from '../processes/lock.js';
import type { Progress } from '../parts.js';
import { binaryCacheDir, repositoryRoot } from '../paths.js';
import { type BuildTargets, buildTemporal } from './build.js';
import { downloadTemporal } from './download.js';
import { compareVersions } from '../versions.js';

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

/** The version of a module that tools/go.mod pins, such as "1.8.2" of the command. */
export function pinnedVersion(module = 'github.com/temporalio/cli'): string {
  const file = join(repositoryRoot, 'tools', 'go.mod');
  const version = new RegExp(`^\\s*${module} v([\\d.]+)`, 'm').exec(readFileSync(file, 'utf8'))?.[1];
  if (version) return version;
  throw faultError('TOOLS_MODULE_BAD', `${file} names no version of ${module}.`);
}

/** A `temporal` that is already on this machine: on PATH and new enough, else in the per-user cache; else null. */
export async function findTemporal(env: NodeJS.ProcessEnv = process.env): Promise<TemporalBinary | null> {
  const onPath = (env['PATH'] ?? '')
    .split(delimiter)
    .filter(Boolean)
    .map((dir) => join(dir, 'temporal'));
  for (const file of [...onPath, cachedFile(env)]) {
    const found = await inspect(file);
    if (found && newEnough(found)) return found;
  }
  return null;
}

/**
 * Finds the Temporal server, or brings it: the SDK's own download, else a build from tools/. Two callers never build
 * at once.
 */
export async function requireTemporal(
  progress: Progress,
  env: NodeJS.ProcessEnv = process.env,
): Promise<TemporalBinary> {
  const found = await findTemporal(env);
  if (found) return found;
  const target = cachedFile(env);
  return withCache(progress, env, async () => {
    const meanwhile = await findTemporal(env);
    if (meanwhile) return meanwhile;
    if (!(await downloadTemporal(pinnedVersion(), target, progress)))
      await buildTemporal(pinnedVersion(), buildTargets(env), progress);
    const made = await inspect(target);
    if (made) return made;
    throw faultError('TEMPORAL_BINARY_BAD', `${target} was made but does not run.`, {
      remedy: `Delete it and type \`make up\` again.`,
    });
  });
}

/** The server of production and its schema tool, where they have been built; else null. */
export function findProductionServer(
  env: NodeJS.ProcessEnv = process.env,
): Pick<BuildTargets, 'server' | 'sql'> | null {
  const { server, sql } = buildTargets(env);
  return [server, sql].every(isExecutable) ? { server, sql } : null;
}

/**
 * The same, built when they are not there (a download brings only the development server): five minutes, once.
 * Throws a fault with the remedy where there is no Go.
 */
export async function requireProductionServer(
  progress: Progress,
  env: NodeJS.ProcessEnv = process.env,
): Promise<Pick<BuildTargets, 'server' | 'sql'>> {
  const targets = buildTargets(env);
  return (
    findProductionServer(env) ??
    withCache(
      progress,
      env,
      async () => findProductionServer(env) ?? (await buildTemporal(pinnedVersion(), targets, progress), targets),
    )
  );
}

/** Two callers never build at once. */
function withCache<T>(progress: Progress, env: NodeJS.ProcessEnv, work: () => Promise<T>): Promise<T> {
  makeCache(binaryCacheDir(env));
  return withLock(
    `${cachedFile(env)}.lock`,
    (pid) => progress(`Process ${pid} is already getting the Temporal server: waiting for it`),
    work,
  );
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

function buildTargets(env: NodeJS.ProcessEnv): BuildTargets {
  const version = pinnedVersion('go.temporal.io/server');
  const inCache = (name: string) => join(binaryCacheDir(env), `${name}-${version}`);
  return { temporal: cachedFile(env), server: inCache('temporal-server'), sql: inCache('temporal-sql-tool') };
}

async function inspect(file: string): Promise<TemporalBinary | null> {
  if (!isExecutable(file)) return null;
  const answer = await execa(file, ['--version'], { reject: false, timeout: 10_000 });
  const said = /version (\S+) \(Server ([^,)\s]+)(?:, UI ([^)\s]+))?/.exec(answer.stdout);
  return said ? { file, cli: said[1] ?? '', server: said[2] ?? '', ui: said[3] ?? '' } : null;
}

/** A command built without a version calls itself 0.0.0-DEV: then its server's version counts. */
function newEnough(found: TemporalBinary): boolean {
  return compareVersions(found.cli, CLI_MIN) >= 0 || compareVersions(found.server, SERVER_MIN) >= 0;
}
