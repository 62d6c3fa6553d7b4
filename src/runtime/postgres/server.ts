import { existsSync, readFileSync, statSync } from 'node:fs';
import { endianness } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import writeFileAtomic from 'write-file-atomic';
import { faultError, refusal } from '../../domain/errors.js';
import { readRegularSync } from '../../files/regular.js';
import { touch } from '../directories.js';
import type { Progress } from '../parts.js';
import type { InstallationPaths } from '../paths.js';
import { clusterMajor, requirePostgres, type PostgresBinaries } from './binaries.js';
import { clusterState, ensureCluster, resetSuperuserPassword } from './cluster.js';
import { ensureDatabase, probe, withClient } from './database.js';
import { assertEnterable, postgresEnvironment, postgresUser, type RunAs } from './user.js';
import * as processes from '../processes/processes.js';
import { databaseUrl, type RuntimeRecord } from '../record.js';

const PART = 'postgres';
const READY_MAX_MS = 5 * 60_000;
const START_ATTEMPTS = 4;
const BAD_PASSWORD = '28P01';

interface Start {
  paths: InstallationPaths;
  record: RuntimeRecord;
  binaries: PostgresBinaries;
  runAs: RunAs;
  progress: Progress;
}

/**
 * Starts the installation's Postgres cluster, made first where there is none, with its roles and its database.
 * Does nothing but check when it already runs. Throws faults with remedies.
 */
export async function startPostgres(
  paths: InstallationPaths,
  record: RuntimeRecord,
  progress: Progress,
): Promise<void> {
  const runAs = await postgresUser();
  await assertEnterable(paths.dataDir, runAs);
  const major = clusterState(paths) === 'ours' ? clusterMajor(paths.postgresData) : null;
  const binaries = await requirePostgres(progress, major ?? undefined);
  await ensureCluster(paths, binaries, runAs, record.postgres.superuserPassword, progress);
  await writeFileAtomic(paths.postgresEnv, `TRADING_OPS_POSTGRES_PORT=${record.postgres.port}\n`, { mode: 0o600 });
  const start = { paths, record, binaries, runAs, progress };
  if (!(await runsAlready(start))) {
    progress(`Starting Postgres ${binaries.version} on 127.0.0.1:${record.postgres.port}`);
    await launch(start);
  }
  await login(start);
  await ensureDatabase(record);
}

/**
 * Stops the cluster: a fast shutdown, then an immediate one, then SIGKILL. Quiet when it does not run.
 * @returns the pid that was stopped, or null
 */
export async function stopPostgres(paths: InstallationPaths): Promise<number | null> {
  const running = postgresProcess(paths);
  if (running) await processes.stopProcess(running, ['SIGINT', 'SIGQUIT'], 30_000);
  processes.removeFile(paths.pid(PART));
  return running?.pid ?? null;
}

/**
 * The cluster's main process: by our pid file, else by its own (`postmaster.pid`), when it is one on this directory.
 */
export function postgresProcess(paths: InstallationPaths): processes.ProcessIdentity | null {
  const known = processes.readPidFile(paths.pid(PART));
  if (known) return known;
  const pid = Number(linesOf(join(paths.postgresData, 'postmaster.pid'))[0]);
  if (pid && processes.commandLine(pid).includes(paths.postgresData)) return processes.identify(pid);
  // Its directory may have been deleted under it: it still holds its port, and `down` must find it.
  return processes.findByCommandLine('-D', paths.postgresData)[0] ?? null;
}

/**
 * Refuses a Postgres on our port that is not the cluster of this data directory: each cluster is given a number when it
 * is made, which the server tells and its directory holds.
 * @throws OpsError POSTGRES_FOREIGN
 */
export async function refuseForeignPostgres(paths: InstallationPaths, url: string): Promise<void> {
  const { rows } = await withClient(url, (client) =>
    client.query<{ number: string }>('select system_identifier::text as number from pg_control_system()'),
  );
  if (rows[0]?.number === clusterNumber(paths)) return;
  throw refusal(
    'POSTGRES_FOREIGN',
    `the Postgres at ${new URL(url).host} is not the cluster of ${paths.dataDir}: nothing was changed`,
    { remedy: 'make status; make up moves to a port that is free' },
  );
}

/** The number of the cluster of a data directory: what its control file begins with. Null where there is none. */
function clusterNumber({ postgresData }: InstallationPaths): string | null {
  const file = join(postgresData, 'global', 'pg_control');
  if (!existsSync(file)) return null;
  const head = readFileSync(file).subarray(0, 8);
  return (endianness() === 'LE' ? head.readBigUInt64LE() : head.readBigUInt64BE()).toString();
}

/** True when the cluster runs on its port; one that runs on another (its record was lost) is stopped. */
async function runsAlready(start: Start): Promise<boolean> {
  const { paths, record, progress } = start;
  const running = postgresProcess(paths);
  if (!running) return false;
  const port = Number(linesOf(join(paths.postgresData, 'postmaster.pid'))[3]);
  if (port === record.postgres.port && (await becomesReady(start, running))) {
    await processes.writePidFile(paths.pid(PART), running);
    return true;
  }
  progress(`Postgres (pid ${running.pid}) runs but does not answer on port ${record.postgres.port}: starting it anew`);
  await stopPostgres(paths);
  return false;
}

async function launch(start: Start): Promise<void> {
  const { paths } = start;
  for (let attempt = 1; ; attempt += 1) {
    const before = logSize(paths.log(PART));
    const started = await spawnServer(start);
    await processes.writePidFile(paths.pid(PART), started);
    if (await becomesReady(start, started)) return;
    await processes.stopProcess(started, ['SIGINT', 'SIGQUIT'], 5_000);
    processes.removeFile(paths.pid(PART));
    const said = readLog(paths.log(PART), before);
    // After a kill its children hold the shared memory for a moment more; a second start then works.
    if (attempt === START_ATTEMPTS || !said.includes('shared memory block')) throw didNotStart(paths, said);
    await delay(1_000);
  }
}

/** The server's arguments but for the port; a service of systemd starts it with the same. */
export function serverArguments({ postgresData }: Pick<InstallationPaths, 'postgresData'>): string[] {
  const settings = {
    listen_addresses: '127.0.0.1',
    // No socket file: a long data directory would exceed the system's limit, and every client has the TCP address.
    unix_socket_directories: '',
    timezone: 'UTC',
    log_timezone: 'UTC',
    logging_collector: 'off',
    log_line_prefix: '%m [%p] %q%u@%d ',
  };
  return ['-D', postgresData, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])];
}

async function spawnServer({ paths, record, binaries, runAs }: Start): Promise<processes.ProcessIdentity> {
  touch(paths.log(PART));
  return processes.startDetached({
    file: join(binaries.dir, 'postgres'),
    args: [...serverArguments(paths), '-c', `port=${record.postgres.port}`],
    env: postgresEnvironment(),
    cwd: '/',
    logFile: paths.log(PART),
    ...runAs,
  });
}

/** True once the server answers (even by refusing the password); false when it died or the time is over. */
async function becomesReady({ paths, record, progress }: Start, started: processes.ProcessIdentity): Promise<boolean> {
  const since = Date.now();
  let toldAt = since;
  let ready = false;
  await processes.waitUntil(async () => {
    ready = saysReady(paths, started.pid) && (await answers(record));
    if (Date.now() - toldAt > 10_000) {
      toldAt = Date.now();
      progress(`Postgres is recovering, ${Math.round((toldAt - since) / 1000)} s`);
    }
    return ready || !processes.isAlive(started);
  }, READY_MAX_MS);
  return ready;
}

async function answers(record: RuntimeRecord): Promise<boolean> {
  const refused = await probe(databaseUrl(record, 'superuser', 'postgres'));
  return refused === null || refused.code === BAD_PASSWORD;
}

/** The server's own word (eighth line of postmaster.pid): a stranger on the same port must not be taken for it. */
function saysReady(paths: InstallationPaths, pid: number): boolean {
  const lines = linesOf(join(paths.postgresData, 'postmaster.pid'));
  return Number(lines[0]) === pid && lines[7]?.trim() === 'ready';
}

async function login(start: Start): Promise<void> {
  const { paths, record, binaries, runAs, progress } = start;
  const refused = await probe(databaseUrl(record, 'superuser', 'postgres'));
  if (refused === null) return;
  progress('The cluster has other passwords than runtime.json: setting them anew');
  await stopPostgres(paths);
  await resetSuperuserPassword(paths, binaries, runAs, record.postgres.superuserPassword);
  await launch(start);
}

function didNotStart(paths: InstallationPaths, said: string) {
  const last = said.trimEnd().split('\n').slice(-8).join('\n');
  return faultError('POSTGRES_DID_NOT_START', `Postgres did not start. The end of ${paths.log(PART)}:\n${last}`, {
    remedy: 'Remove the cause named there and type `make up` again.',
  });
}

function linesOf(file: string): string[] {
  try {
    return readRegularSync(file).split('\n');
  } catch {
    return [];
  }
}

function logSize(file: string): number {
  return existsSync(file) ? statSync(file).size : 0;
}

function readLog(file: string, from: number): string {
  return readFileSync(file).subarray(from).toString('utf8');
}
