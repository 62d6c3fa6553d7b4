import { execa } from 'execa';
import { chownSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { faultError } from '../../domain/errors.js';
import type { InstallationPaths } from '../paths.js';
import type { PostgresBinaries } from './binaries.js';
import { findByCommandLine, stopProcess } from '../processes/processes.js';
import { ownerUid, postgresEnvironment, type RunAs } from './user.js';
import { SUPERUSER } from '../record.js';

/** Written into a cluster once initdb has finished: a directory without it was never a cluster of ours. */
const MARKER = 'trading-ops.cluster';
const UNFINISHED = 'postgres-data.new-';

/**
 * What the Postgres data directory is: nothing yet, a whole cluster of ours, a start that was cut short (no control
 * file, so no server ever ran on it and nothing can be in it), or a cluster that someone else made.
 */
export type ClusterState = 'absent' | 'ours' | 'half-made' | 'foreign';

export function clusterState(paths: InstallationPaths): ClusterState {
  const directory = paths.postgresData;
  if (!existsSync(directory)) return 'absent';
  if (!statSync(directory).isDirectory()) throw isAFile(directory);
  if (readdirSync(directory).length === 0) return 'absent';
  const whole = existsSync(join(directory, 'PG_VERSION')) && existsSync(join(directory, 'global', 'pg_control'));
  if (!whole) return 'half-made';
  return existsSync(join(directory, MARKER)) ? 'ours' : 'foreign';
}

/**
 * Makes sure a whole cluster of ours is there: makes one, moves a half-made one aside, refuses a stranger's.
 * The cluster is made under another name and renamed when finished, so that a cut leaves no half of it in place.
 */
export async function ensureCluster(
  paths: InstallationPaths,
  binaries: PostgresBinaries,
  runAs: RunAs,
  superuserPassword: string,
  progress: (line: string) => void,
): Promise<void> {
  await clearUnfinished(paths, progress);
  const state = clusterState(paths);
  if (state === 'foreign') throw foreign(paths.postgresData);
  if (state === 'ours') return assertOwner(paths.postgresData, runAs);
  if (state === 'half-made') moveAside(paths.postgresData, progress);
  progress(`Making a Postgres ${binaries.version} cluster in ${paths.postgresData}`);
  await initialise(paths, binaries, runAs, superuserPassword);
}

/** Sets the superuser's password with the server stopped: for a cluster whose record was lost or is of another time. */
export async function resetSuperuserPassword(
  paths: InstallationPaths,
  binaries: PostgresBinaries,
  runAs: RunAs,
  password: string,
): Promise<void> {
  const program = join(binaries.dir, 'postgres');
  await execa(program, ['--single', '-D', paths.postgresData, '-c', 'log_min_messages=fatal', 'postgres'], {
    ...runAs,
    cwd: '/',
    env: postgresEnvironment(),
    extendEnv: false,
    input: `ALTER ROLE ${SUPERUSER} PASSWORD '${password}'\n`,
  });
}

async function initialise(
  paths: InstallationPaths,
  binaries: PostgresBinaries,
  runAs: RunAs,
  password: string,
): Promise<void> {
  const directory = join(paths.dataDir, `${UNFINISHED}${process.pid}`);
  const passwordFile = join(paths.run, 'initdb.password');
  try {
    mkdirSync(directory, { mode: 0o700 });
    writeFileSync(passwordFile, password, { mode: 0o600 });
    giveTo(runAs, directory, passwordFile);
    await runInitdb(binaries, runAs, directory, passwordFile);
    writeFileSync(
      join(directory, MARKER),
      `${JSON.stringify({ version: binaries.version, made: new Date().toISOString() })}\n`,
    );
    renameSync(directory, paths.postgresData);
  } catch (error) {
    rmSync(directory, { recursive: true, force: true });
    throw error;
  } finally {
    rmSync(passwordFile, { force: true });
  }
}

async function runInitdb(
  binaries: PostgresBinaries,
  runAs: RunAs,
  directory: string,
  passwordFile: string,
): Promise<void> {
  // Locale C sorts by byte on every machine, so that the same facts give the same order everywhere.
  const args = [
    '--username',
    SUPERUSER,
    '--pwfile',
    passwordFile,
    '--auth',
    'scram-sha-256',
    '--encoding',
    'UTF8',
    '--locale',
    'C',
  ];
  const result = await execa(join(binaries.dir, 'initdb'), ['--pgdata', directory, '--data-checksums', ...args], {
    ...runAs,
    cwd: '/',
    env: postgresEnvironment(),
    extendEnv: false,
    reject: false,
    all: true,
  });
  if (result.exitCode === 0) return;
  const tail = (result.all ?? '').trim().split('\n').slice(-6).join('\n');
  throw faultError('INITDB_FAILED', `initdb could not make a cluster in ${directory}:\n${tail}`, {
    remedy: 'Remove the cause and type `make up` again; nothing was left behind.',
  });
}

/** What an `up` that was killed during initdb has left: never a cluster, so it may go. */
async function clearUnfinished(paths: InstallationPaths, progress: (line: string) => void): Promise<void> {
  for (const name of readdirSync(paths.dataDir).filter((entry) => entry.startsWith(UNFINISHED))) {
    const directory = join(paths.dataDir, name);
    // Its initdb may still be at work, an orphan by now; the servers that it starts end with it.
    for (const orphan of findByCommandLine('--pgdata', directory)) await stopProcess(orphan, ['SIGTERM'], 2_000);
    rmSync(directory, { recursive: true, force: true, maxRetries: 30, retryDelay: 100 });
    progress(`Removed ${name}, left by a start that was cut short`);
  }
}

function moveAside(directory: string, progress: (line: string) => void): void {
  const aside = `${directory}.half-${new Date().toISOString().replaceAll(/[-:]|\.\d+/g, '')}`;
  renameSync(directory, aside);
  progress(
    `${directory} was half-made (no control file: no server ever ran on it); moved to ${aside}, which you may delete`,
  );
}

function giveTo(runAs: RunAs, ...files: string[]): void {
  if (runAs.uid !== undefined) for (const file of files) chownSync(file, runAs.uid, runAs.gid);
}

function assertOwner(directory: string, runAs: RunAs): void {
  const owner = statSync(directory).uid;
  if (owner === ownerUid(runAs)) return;
  throw faultError(
    'CLUSTER_OWNER',
    `${directory} belongs to uid ${owner}, but Postgres would run as uid ${ownerUid(runAs)}.`,
    {
      remedy: `Run as the user who made it, or give it away: \`chown -R ${ownerUid(runAs)} ${directory}\`.`,
    },
  );
}

function foreign(directory: string) {
  return faultError(
    'CLUSTER_FOREIGN',
    `${directory} holds a Postgres cluster that trading-ops did not make; it is left untouched.`,
    {
      remedy: `Move it away (\`mv ${directory} ${directory}.other\`), or set TRADING_OPS_DATA to another directory.`,
    },
  );
}

function isAFile(path: string) {
  return faultError('CLUSTER_IS_A_FILE', `${path} is a file; the Postgres data directory belongs there.`, {
    remedy: `Move it away: \`mv ${path} ${path}.other\`.`,
  });
}
