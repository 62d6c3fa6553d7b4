import { execa, execaSync } from 'execa';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { inject } from 'vitest';
import { installationPaths, repositoryRoot } from '../../src/runtime/paths.js';
import { postgresProcess } from '../../src/runtime/postgres/server.js';
import { waitUntil } from '../../src/runtime/processes/processes.js';
import { loadSettings, type Settings } from '../../src/runtime/settings.js';
import { down, up } from '../../src/runtime/stack.js';
import { ensureInstallationKey } from '../../src/runtime/signing/installation-key.js';
import { workerArguments } from '../../src/runtime/processes/worker.js';
import { temporalProcess } from '../../src/runtime/temporal/server.js';
import { copyMigratedCluster } from './cluster.js';
import { createTestDatabase } from './database.js';
import { cleanEnvironment, startServers } from './servers.js';
import { createTestNamespace, testTemporal } from './temporal.js';

const READY_MAX_MS = 60_000;
const EXIT_MAX_MS = 10_000;

/**
 * One installation for a test: a data directory, a copy of the configuration, a migrated database, a Temporal
 * namespace.
 */
export interface Installation {
  settings: Settings;
  /** The whole environment of its processes. */
  env: NodeJS.ProcessEnv;
  dataDir: string;
  configDir: string;
  /** Kills its workers and drops what it has. */
  cleanup(): Promise<void>;
}

export interface WorkerProcess {
  pid: number;
  /** Sends the signal (default SIGKILL) and waits for the end. */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** Resolves with the exit code (null after a signal) when it has ended for whatever reason. */
  exited: Promise<number | null>;
  log(): string;
}

const workersOf = new WeakMap<Installation, WorkerProcess[]>();

/**
 * An installation on the shared servers. Quick (about 0.2 s): take one for each test that starts a day.
 * @param choices temporal: whether it has a namespace; without one nothing may be asked of a workflow.
 */
export async function createInstallation({ temporal: withTemporal = true } = {}): Promise<Installation> {
  const { dataDir, configDir } = makeDirectories();
  const [database, temporal] = await Promise.all([
    createTestDatabase(),
    withTemporal ? createTestNamespace() : { ...testTemporal(), namespace: 'none' },
  ]);
  await ensureInstallationKey(dataDir);
  const own = {
    TRADING_OPS_DATA: dataDir,
    TRADING_OPS_CONFIG: configDir,
    TRADING_OPS_TASK_QUEUE: database.name,
    DATABASE_URL: database.appUrl,
    DATABASE_OWNER_URL: database.ownerUrl,
    TEMPORAL_ADDRESS: temporal.address,
    TEMPORAL_NAMESPACE: temporal.namespace,
  };
  const installation: Installation = {
    settings: loadSettings(own),
    env: cleanEnvironment(own),
    dataDir,
    configDir,
    cleanup: async () => {
      await killWorkers(installation);
      await database.drop();
      rmSync(join(dataDir, '..'), { recursive: true, force: true });
    },
  };
  return installation;
}

/** An installation with servers of its own, for tests that kill them. */
export interface PrivateStack extends Installation {
  /** Ends Postgres at once: SIGQUIT is `pg_ctl stop -m immediate`, SIGKILL is the power cut. */
  killPostgres(signal?: 'SIGQUIT' | 'SIGKILL'): Promise<void>;
  killTemporal(): Promise<void>;
  /** Starts again whatever of the two does not run, on the same ports. */
  restart(): Promise<void>;
}

/**
 * Starts a private Postgres cluster (migrated) and Temporal server; about 2 s.
 * @param choices diskMb: their data directory is a disk of its own, of so many megabytes (root only: it is mounted).
 */
export async function createPrivateStack({ diskMb }: { diskMb?: number } = {}): Promise<PrivateStack> {
  const { dataDir, configDir } = makeDirectories();
  if (diskMb !== undefined) mountDisk(dataDir, diskMb);
  const settings = await startServers(dataDir, configDir, { cluster: await copyMigratedCluster(dataDir) });
  await ensureInstallationKey(dataDir);
  const paths = installationPaths(dataDir);
  const stack: PrivateStack = {
    settings,
    env: cleanEnvironment({ TRADING_OPS_DATA: dataDir, TRADING_OPS_CONFIG: configDir }),
    dataDir,
    configDir,
    killPostgres: (signal = 'SIGQUIT') => killAndWait(() => postgresProcess(paths)?.pid, signal),
    killTemporal: () => killAndWait(() => temporalProcess(paths)?.pid, 'SIGKILL'),
    restart: async () => void (await up(settings, () => undefined, { worker: false })),
    cleanup: async () => {
      await killWorkers(stack);
      // Nothing of them is kept: there is no end to wait for.
      await Promise.all([stack.killTemporal(), stack.killPostgres()]);
      await down(settings, () => undefined);
      if (diskMb !== undefined) execaSync('umount', ['-l', dataDir]);
      rmSync(join(dataDir, '..'), { recursive: true, force: true });
    },
  };
  return stack;
}

/** Starts the compiled worker and waits until it is ready. Throws with its log when it ends before. */
export async function startWorkerProcess(
  installation: Installation,
  extraEnv: NodeJS.ProcessEnv = {},
): Promise<WorkerProcess> {
  const { workerReady } = installationPaths(installation.dataDir);
  const output: string[] = [];
  const child = execa(process.execPath, workerArguments(installation.dataDir), {
    env: { ...installation.env, ...extraEnv },
    extendEnv: false,
    cwd: repositoryRoot,
    reject: false,
    all: true,
    buffer: false,
  });
  child.all.on('data', (chunk: Buffer) => output.push(chunk.toString()));
  const exited = child.then((result) => result.exitCode ?? null);
  const kill = async (signal: NodeJS.Signals = 'SIGKILL') => {
    child.kill(signal);
    await exited;
  };
  const worker: WorkerProcess = { pid: child.pid ?? 0, exited, kill, log: () => output.join('') };
  workersOf.set(installation, [...(workersOf.get(installation) ?? []), worker]);
  let ended = false;
  void worker.exited.then(() => (ended = true));
  await waitUntil(() => ended || readyPid(workerReady) === worker.pid, READY_MAX_MS);
  if (!ended && readyPid(workerReady) === worker.pid) return worker;
  await worker.kill();
  throw new Error(`The worker did not become ready:\n${worker.log()}`);
}

/** Runs the compiled command line as an operator would; never throws for an exit code. */
export async function runCli(
  installation: Installation,
  args: string[],
  options: { env?: NodeJS.ProcessEnv; input?: string; timeoutMs?: number } = {},
): Promise<{ code: number; stdout: string; stderr: string }> {
  const result = await execa(
    process.execPath,
    ['--enable-source-maps', join(repositoryRoot, 'dist', 'cli', 'main.js'), ...args],
    {
      env: { ...installation.env, ...options.env },
      extendEnv: false,
      cwd: repositoryRoot,
      reject: false,
      input: options.input ?? '',
      timeout: options.timeoutMs ?? 60_000,
    },
  );
  return { code: result.exitCode ?? -1, stdout: result.stdout, stderr: result.stderr };
}

/** A small disk in memory, at an empty directory. */
function mountDisk(directory: string, megabytes: number): void {
  execaSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=755`, 'tmpfs', directory]);
}

function makeDirectories(): { dataDir: string; configDir: string } {
  const home = mkdtempSync(join(inject('servers').root, 'installation-'));
  chmodSync(home, 0o755);
  const [dataDir, configDir] = [join(home, 'data'), join(home, 'config')];
  for (const directory of [join(dataDir, 'run'), join(dataDir, 'logs'), configDir])
    mkdirSync(directory, { recursive: true });
  const original = join(repositoryRoot, 'config');
  if (existsSync(original)) cpSync(original, configDir, { recursive: true });
  return { dataDir, configDir };
}

async function killWorkers(installation: Installation): Promise<void> {
  await Promise.all((workersOf.get(installation) ?? []).map((worker) => worker.kill()));
}

async function killAndWait(pidOf: () => number | undefined, signal: NodeJS.Signals): Promise<void> {
  const pid = pidOf();
  if (pid === undefined) return;
  process.kill(pid, signal);
  if (!(await waitUntil(() => pidOf() !== pid, EXIT_MAX_MS)))
    throw new Error(`Process ${pid} did not end after ${signal}`);
}

function readyPid(file: string): number | null {
  return existsSync(file) ? Number.parseInt(readFileSync(file, 'utf8'), 10) : null;
}
