import { execa, type Options } from 'execa';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { faultError, unreachableError } from '../domain/errors.js';
import type { Progress } from '../runtime/parts.js';
import { repositoryRoot } from '../runtime/paths.js';
import { USUAL_PORTS } from '../runtime/processes/ports.js';
import type { RuntimeRecord } from '../runtime/record.js';
import type { Settings } from '../runtime/settings.js';

/** The words that Docker Compose is called by on this machine. */
export type ComposeProgram = readonly [string, ...string[]];

const FILE = join(repositoryRoot, 'docker-compose.yml');
const PLUGIN: ComposeProgram = ['docker', 'compose'];
const STANDALONE: ComposeProgram = ['docker-compose'];

/**
 * Compose as it is here: the plugin of `docker`, else the program of its own (Debian's). Throws "unreachable" (69)
 * without one, or without an engine.
 */
export async function requireCompose(env: NodeJS.ProcessEnv = process.env): Promise<ComposeProgram> {
  const found = (await answers([...PLUGIN, 'version'], env))
    ? PLUGIN
    : (await answers([...STANDALONE, 'version'], env))
      ? STANDALONE
      : null;
  if (found === null) {
    throw unreachableError(
      'COMPOSE_MISSING',
      'TRADING_OPS_RUNTIME is compose, but there is no Docker Compose on this machine.',
      {
        remedy: 'install the docker engine with its compose plugin, or unset TRADING_OPS_RUNTIME for the local runtime',
      },
    );
  }
  // Compose itself tells of an engine that is away only after a list of what it would do.
  const engine = await execa('docker', ['version', '--format', '{{.Server.Version}}'], {
    env,
    extendEnv: false,
    reject: false,
    timeout: 20_000,
  });
  if (engine.exitCode === 0 || engine.code === 'ENOENT') return found;
  throw unreachableError('ENGINE_DOWN', `The container engine does not answer: ${lastLine(engine.stderr ?? '')}`, {
    remedy: 'sudo systemctl start docker, and let this user use it (group docker)',
  });
}

/** The name that tells this installation's containers and volumes from another's. */
export function projectName(dataDir: string): string {
  return `trading-ops-${createHash('sha256').update(dataDir).digest('hex').slice(0, 8)}`;
}

/**
 * The whole command line of Compose for this installation; what differs on this machine stands in
 * compose.override.yml beside its data.
 */
export function composeCommand(program: ComposeProgram, settings: Settings, ...args: string[]): string[] {
  const own = join(settings.dataDir, 'compose.override.yml');
  return [
    ...program,
    '-p',
    projectName(settings.dataDir),
    '-f',
    FILE,
    ...(existsSync(own) ? ['-f', own] : []),
    ...args,
  ];
}

/** What docker-compose.yml is filled with. */
export function composeEnvironment(
  settings: Settings,
  record: RuntimeRecord,
  user: { uid: number; gid: number },
  env: NodeJS.ProcessEnv = process.env,
): NodeJS.ProcessEnv {
  return {
    ...env,
    TRADING_OPS_DATA: settings.dataDir,
    TRADING_OPS_CONFIG: settings.configDir,
    TRADING_OPS_TASK_QUEUE: settings.taskQueue,
    TEMPORAL_NAMESPACE: settings.temporalNamespace,
    LOG_LEVEL: settings.logLevel,
    TRADING_OPS_UID: String(user.uid),
    TRADING_OPS_GID: String(user.gid),
    TRADING_OPS_POSTGRES_PORT: String(record.postgres.port),
    TRADING_OPS_TEMPORAL_PORT: String(record.temporal.port),
    TRADING_OPS_UI_PORT: String(record.temporal.uiPort),
    TRADING_OPS_DESK_PORT: String(record.desk?.port ?? USUAL_PORTS.desk),
  };
}

/** Runs Compose, tells its lines as steps, and throws a fault with the last ones when it fails. */
export async function runCompose(command: string[], env: NodeJS.ProcessEnv, progress: Progress): Promise<void> {
  const [file = '', ...args] = command;
  const last: string[] = [];
  const child = execa(file, args, {
    env,
    extendEnv: false,
    reject: false,
    all: true,
    buffer: false,
    stdin: 'ignore',
    cwd: repositoryRoot,
  });
  for await (const line of child.iterable({ from: 'all' })) {
    last.push(line);
    if (last.length > 15) last.shift();
    progress(`compose: ${line.trim()}`);
  }
  const result = await child;
  if (result.exitCode === 0) return;
  throw faultError(
    'COMPOSE_FAILED',
    `docker compose ended with ${result.exitCode ?? result.code}:\n${last.join('\n')}`,
    {
      remedy: 'make ps and make logs, each with TRADING_OPS_RUNTIME=compose',
    },
  );
}

/** Hands Compose the terminal: for ps, logs and psql. @returns its exit code */
export async function handOver(command: string[], env: NodeJS.ProcessEnv, options: Options = {}): Promise<number> {
  const [file = '', ...args] = command;
  const result = await execa(file, args, {
    env,
    extendEnv: false,
    reject: false,
    stdio: 'inherit',
    cwd: repositoryRoot,
    ...options,
  });
  return result.exitCode ?? 1;
}

async function answers([file = '', ...args]: string[], env: NodeJS.ProcessEnv): Promise<boolean> {
  const result = await execa(file, args, { env, extendEnv: false, reject: false, timeout: 20_000, stdin: 'ignore' });
  return result.exitCode === 0;
}

const lastLine = (text: string): string => text.trim().split('\n').at(-1) || 'it gave no reason';
