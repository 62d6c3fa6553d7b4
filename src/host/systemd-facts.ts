import { execa } from 'execa';
import { existsSync, statSync } from 'node:fs';
import { userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { refusal, usageError } from '../domain/errors.js';
import { readRegularSync } from '../files/regular.js';
import { externalParts } from '../runtime/addresses.js';
import { installationPaths } from '../runtime/paths.js';
import type { Settings } from '../runtime/settings.js';
import { findTemporal } from '../runtime/temporal/binary.js';
import { clusterMajor, findPostgres } from '../runtime/postgres/binaries.js';
import { environmentFile, type UnitFacts, type UnitGroup } from './systemd-units.js';

/** Variables that a service is given as they are when it is installed. Secrets are not among them. */
const CARRIED = [
  'TRADING_OPS_TASK_QUEUE',
  'TRADING_OPS_METRICS_PORT',
  'LOG_LEVEL',
  'TEMPORAL_ADDRESS',
  'TEMPORAL_NAMESPACE',
  'TEMPORAL_PROFILE',
  'TEMPORAL_CONFIG_FILE',
  'XDG_CACHE_HOME',
];
const SECRET = ['DATABASE_URL', 'DATABASE_OWNER_URL'];
const SYSTEM_PATH = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

export interface UnitChoices {
  /** Units of the user who asks, in place of the system's. */
  user: boolean;
  writable: string[];
}

/**
 * The facts that units are made of: whose they are (the one who owns the installation, also under sudo), where the
 * programs are, which services this machine runs.
 */
export async function unitFacts(
  settings: Settings,
  choices: UnitChoices,
  env: NodeJS.ProcessEnv = process.env,
): Promise<UnitFacts> {
  const owner = choices.user ? currentUser() : await ownerOf(settings.dataDir);
  const external = externalParts(settings);
  return {
    system: !choices.user,
    ...owner,
    dataDir: settings.dataDir,
    configDir: settings.configDir,
    node: process.execPath,
    path: [...(await programDirectories(settings.dataDir, env)), ...SYSTEM_PATH],
    environment: carried(env),
    local: { postgres: !external.postgres, temporal: !external.temporal },
    postgres: join((await postgresOf(settings.dataDir))?.dir ?? '/usr/bin', 'postgres'),
    writable: choices.writable,
  };
}

/** Refuses when the services could not start: the installation was never started, or a secret is only in this shell. */
export function assertInstallable(settings: Settings, facts: UnitFacts, env: NodeJS.ProcessEnv = process.env): void {
  const known =
    existsSync(installationPaths(settings.dataDir).record) || !(facts.local.postgres || facts.local.temporal);
  if (!known) {
    throw refusal(
      'NOT_STARTED',
      `${settings.dataDir} has never been started: its services would have nothing to start from.`,
      { remedy: 'make up, then this again' },
    );
  }
  const file = environmentFile(settings.dataDir);
  const text = existsSync(file) ? readRegularSync(file) : '';
  const lacking = SECRET.filter((name) => env[name] && !new RegExp(`^${name}=`, 'm').test(text));
  if (lacking.length === 0) return;
  throw refusal(
    'SERVICE_ENV_LACKS',
    `${lacking.join(' and ')} of this shell is not in ${file}, where the services read it.`,
    {
      remedy: `write ${lacking.map((name) => `${name}=…`).join(' and ')} into ${file}, chmod 600, then this again`,
    },
  );
}

/** Containers are started by their engine. @throws OpsError RUNTIME_DIFFERS */
export function assertStartedBySystemd({ runtime, dataDir }: Settings, group: UnitGroup): void {
  if (runtime !== 'compose' || group !== 'service') return;
  throw refusal(
    'RUNTIME_DIFFERS',
    `${dataDir} is run by Docker Compose, whose engine starts the containers at boot by itself.`,
    { remedy: 'sudo systemctl enable docker' },
  );
}

function currentUser(): Pick<UnitFacts, 'user' | 'group'> {
  const { username } = userInfo();
  return { user: username, group: username };
}

/** Whoever owns the data directory's record; under sudo before the first start, whoever typed sudo. */
async function ownerOf(dataDir: string): Promise<Pick<UnitFacts, 'user' | 'group'>> {
  const found = [installationPaths(dataDir).record, dataDir]
    .map((file) => statSync(file, { throwIfNoEntry: false }))
    .find((stat) => stat !== undefined);
  const [uid, gid] = [
    found?.uid ?? Number(process.env['SUDO_UID'] ?? process.getuid?.() ?? 0),
    found?.gid ?? Number(process.env['SUDO_GID'] ?? process.getgid?.() ?? 0),
  ];
  const [user, group] = await Promise.all([nameOf('passwd', uid), nameOf('group', gid)]);
  return { user, group };
}

async function nameOf(database: 'passwd' | 'group', id: number): Promise<string> {
  const { stdout } = await execa('getent', [database, String(id)], { reject: false });
  const name = /^([^:\n]+):/.exec(stdout ?? '')?.[1];
  if (name) return name;
  throw usageError(
    'OWNER_UNKNOWN',
    `The data directory belongs to ${database === 'passwd' ? 'user' : 'group'} ${id}, which has no name on this machine.`,
    {
      remedy: 'give the data directory to the user who shall run the services (chown -R)',
    },
  );
}

/** Postgres's programs, of the major version that the cluster is of where there is one. */
const postgresOf = (dataDir: string) =>
  findPostgres(clusterMajor(installationPaths(dataDir).postgresData) ?? undefined);

async function programDirectories(dataDir: string, env: NodeJS.ProcessEnv): Promise<string[]> {
  const [temporal, postgres] = await Promise.all([findTemporal(env), postgresOf(dataDir)]);
  return [...(temporal ? [dirname(temporal.file)] : []), ...(postgres ? [postgres.dir] : [])];
}

function carried(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(CARRIED.flatMap((name) => (env[name] ? [[name, env[name]]] : [])));
}

/** Where unit files go. */
export function unitDirectory(system: boolean, root = '/', env: NodeJS.ProcessEnv = process.env): string {
  if (system) return join(root, 'etc', 'systemd', 'system');
  const home = env['XDG_CONFIG_HOME'] || join(userInfo().homedir, '.config');
  return join(root, home, 'systemd', 'user');
}
