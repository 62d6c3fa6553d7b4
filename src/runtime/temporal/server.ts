import { execa } from 'execa';
import { setTimeout as delay } from 'node:timers/promises';
import { faultError } from '../../domain/errors.js';
import { touch } from '../directories.js';
import { type Progress, tail } from '../parts.js';
import type { InstallationPaths } from '../paths.js';
import * as processes from '../processes/processes.js';
import type { RuntimeRecord } from '../record.js';
import { requireTemporal } from './binary.js';

const PART = 'temporal';
const READY_MAX_MS = 60_000;
const STOP_GRACE_MS = 15_000;
/** As long as a closed day stays in the Web UI; its history is kept as an artifact for good. */
const RETENTION = '2160h';

/** Search attributes of the day's workflows (docs/RULES.md 5.4). */
export const SEARCH_ATTRIBUTES = {
  TradingDay: 'Keyword',
  Account: 'Keyword',
  DayState: 'Keyword',
  Outcome: 'Keyword',
} as const;

/**
 * The development server polls its queues 20 times a second as it comes, so every step of a workflow waits about 40 ms.
 * These make a day of nine activities five times quicker; WAL lets the file keep up with many runs at once.
 */
const DYNAMIC_CONFIG = {
  'history.transferProcessorMaxPollRPS': '2000',
  'history.timerProcessorMaxPollRPS': '2000',
  'history.visibilityProcessorMaxPollRPS': '500',
  'system.enableActivityEagerExecution': 'true',
  // Its HTTP API takes what any page in a browser on this machine posts; a Host that nobody can have closes it.
  // gRPC is not
  // touched, and no browser speaks it.
  'frontend.httpAllowedHosts': '["^$"]',
};
/** A server that an earlier version started has its doors open: it is started anew. */
const CLOSED = 'frontend.httpAllowedHosts';
const SQLITE_PRAGMAS = { journal_mode: 'WAL', synchronous: 'NORMAL' };

/**
 * Starts the installation's Temporal development server, its state on disk. Quiet when it already runs. Throws faults.
 */
export async function startTemporal(
  paths: InstallationPaths,
  record: RuntimeRecord,
  namespace: string,
  progress: Progress,
): Promise<void> {
  const binary = await requireTemporal(progress);
  if (await runsAlready(paths, record, binary.file, progress)) return;
  progress(
    `Starting Temporal ${binary.server} on 127.0.0.1:${record.temporal.port}, Web UI http://127.0.0.1:${record.temporal.uiPort}`,
  );
  touch(paths.log(PART));
  const env = serverEnvironment();
  const args = serverArguments(paths, record, namespace);
  const started = await processes.startDetached({
    file: binary.file,
    args,
    env,
    cwd: paths.temporalDir,
    logFile: paths.log(PART),
  });
  await processes.writePidFile(paths.pid(PART), started);
  const address = `127.0.0.1:${record.temporal.port}`;
  if (!(await becomesReady(binary.file, address, started))) throw await didNotStart(paths, started);
  const keep = [
    'operator',
    'namespace',
    'update',
    '--address',
    address,
    '--namespace',
    namespace,
    '--retention',
    RETENTION,
  ];
  await execa(binary.file, keep, { env, extendEnv: false, reject: false, timeout: 10_000 });
}

/** Stops the server; quiet when it does not run. Returns the pid that was stopped, or null. */
export async function stopTemporal(paths: InstallationPaths): Promise<number | null> {
  const running = temporalProcess(paths);
  if (running) await processes.stopProcess(running, ['SIGTERM'], STOP_GRACE_MS);
  processes.removeFile(paths.pid(PART));
  return running?.pid ?? null;
}

/** The server's process: by our pid file, else the one that keeps its state in this installation. */
export function temporalProcess(paths: InstallationPaths): processes.ProcessIdentity | null {
  return (
    processes.readPidFile(paths.pid(PART)) ??
    processes.findByCommandLine('start-dev', paths.temporalDatabase)[0] ??
    null
  );
}

/** True when our server runs on its port and answers; one that does not is stopped, to be started anew. */
async function runsAlready(
  paths: InstallationPaths,
  record: RuntimeRecord,
  file: string,
  progress: Progress,
): Promise<boolean> {
  const running = temporalProcess(paths);
  if (!running) return false;
  const words = ` ${processes.commandLine(running.pid)} `;
  const onItsPort = words.includes(` --port ${record.temporal.port} `);
  if (
    onItsPort &&
    words.includes(CLOSED) &&
    (await becomesReady(file, `127.0.0.1:${record.temporal.port}`, running, 15_000))
  ) {
    await processes.writePidFile(paths.pid(PART), running);
    return true;
  }
  progress(
    onItsPort && !words.includes(CLOSED)
      ? `Temporal (pid ${running.pid}) was started by an earlier version, with its HTTP API open: starting it anew`
      : `Temporal (pid ${running.pid}) runs but does not answer on port ${record.temporal.port}: starting it anew`,
  );
  await stopTemporal(paths);
  return false;
}

function serverArguments(paths: InstallationPaths, record: RuntimeRecord, namespace: string): string[] {
  const ui = record.temporal.uiServer;
  return [
    'server',
    'start-dev',
    '--ip',
    '127.0.0.1',
    '--port',
    String(record.temporal.port),
    // Opened on its port by the worker, which lets only those in who look, by our own name.
    ...(ui ? ['--ui-ip', ui.ip, '--ui-port', String(ui.port)] : ['--headless']),
    '--db-filename',
    paths.temporalDatabase,
    '--namespace',
    namespace,
    '--log-level',
    'warn',
    '--log-format',
    'pretty',
    '--ui-disable-news-fetch',
    ...many('--dynamic-config-value', DYNAMIC_CONFIG),
    ...many('--sqlite-pragma', SQLITE_PRAGMAS),
    ...many('--search-attribute', SEARCH_ATTRIBUTES),
  ];
}

function many(flag: string, pairs: Record<string, string>): string[] {
  return Object.entries(pairs).flatMap(([key, value]) => [flag, `${key}=${value}`]);
}

/** The operator's own TEMPORAL_* variables speak of clients and other servers: none of them may reach ours. */
function serverEnvironment(): NodeJS.ProcessEnv {
  const clean = Object.entries(process.env).filter(([name]) => !name.startsWith('TEMPORAL_'));
  return Object.fromEntries(clean);
}

async function becomesReady(
  file: string,
  address: string,
  started: processes.ProcessIdentity,
  timeoutMs = READY_MAX_MS,
): Promise<boolean> {
  let ready = false;
  await processes.waitUntil(async () => {
    const health = ['operator', 'cluster', 'health', '--address', address, '--command-timeout', '2s'];
    const answer = await execa(file, health, {
      env: serverEnvironment(),
      extendEnv: false,
      reject: false,
      timeout: 5_000,
    });
    const alive = processes.isAlive(started);
    ready = alive && answer.exitCode === 0 && answer.stdout.includes('SERVING');
    return ready || !alive;
  }, timeoutMs);
  // A server that finds its port taken ends a moment after another has answered in its place.
  if (ready) await delay(100);
  return ready && processes.isAlive(started);
}

async function didNotStart(paths: InstallationPaths, started: processes.ProcessIdentity) {
  await processes.stopProcess(started, ['SIGTERM'], 5_000);
  processes.removeFile(paths.pid(PART));
  return faultError(
    'TEMPORAL_DID_NOT_START',
    `The Temporal server did not start. The end of ${paths.log(PART)}:\n${tail(paths.log(PART), 8)}`,
    {
      remedy: `Remove the cause named there and type \`make up\` again. If its file is damaged, move ${paths.temporalDatabase} away: open days are rebuilt from Postgres.`,
    },
  );
}
