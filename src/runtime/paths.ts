import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout (or installed package) this code runs from; src/ and dist/ lie equally deep. */
export const repositoryRoot = resolve(fileURLToPath(import.meta.url), '../../..');

/** Every path the local runtime uses inside one data directory. */
export function installationPaths(dataDir: string) {
  const run = join(dataDir, 'run');
  const logs = join(dataDir, 'logs');
  return {
    dataDir,
    run,
    logs,
    record: join(dataDir, 'runtime.json'),
    lock: join(run, 'runtime.lock'),
    postgresData: join(dataDir, 'postgres-data'),
    /** Dumps of the database, each with its manifest. */
    backups: join(dataDir, 'backups', 'postgres'),
    temporalDir: join(dataDir, 'temporal'),
    temporalDatabase: join(dataDir, 'temporal', 'temporal.db'),
    /** The port of the cluster, for the service that starts it. */
    postgresEnv: join(run, 'postgres.env'),
    workerReady: join(run, 'worker.ready'),
    ready: (part: string) => join(run, `${part}.ready`),
    pid: (part: string) => join(run, `${part}.pid`),
    log: (part: string) => join(logs, `${part}.log`),
  };
}

export type InstallationPaths = ReturnType<typeof installationPaths>;

/** The program a worker process runs; it exists once the project is built. */
export const workerEntry = join(repositoryRoot, 'dist', 'worker', 'main.js');
/** The program of the desk. */
export const deskEntry = join(repositoryRoot, 'dist', 'desk', 'main.js');

/** Per-user place for the Temporal server's binary, shared by all installations of this user. */
export function binaryCacheDir(env: NodeJS.ProcessEnv = process.env): string {
  return join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'trading-ops', 'bin');
}
