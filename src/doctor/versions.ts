import { hostname } from 'node:os';
import { serverVersion } from '../db/server.js';
import { buildId, readIdentity } from '../runtime/build.js';
import { externalParts } from '../runtime/addresses.js';
import { probe } from '../runtime/postgres/database.js';
import { findPostgres } from '../runtime/postgres/binaries.js';
import { identify } from '../runtime/processes/processes.js';
import { loadSettings, type Settings } from '../runtime/settings.js';
import { temporalServerVersion } from '../runtime/temporal/probe.js';
import { compareVersions, isNodeSupported, NODE_WANTED } from '../runtime/versions.js';
import { fail, ok, warn, type Check, type Verdict } from './finding.js';
import type { Patient } from './patient.js';
import { workerOf } from './worker-environment.js';

const POSTGRES_MIN = 13;
const SERVER_MIN = '1.29.1';
/** A live worker asks for work at least once a minute. */
const POLL_MAX_S = 75;

/** Node's version against those that are supported. */
export const nodeVerdict = (version: string): Verdict =>
  isNodeSupported(version) ? ok(version) : fail(version, `install ${NODE_WANTED}; then: make down, make up`);

const node: Check = {
  name: 'node',
  expected: NODE_WANTED,
  examine: async () => nodeVerdict(process.versions.node),
};

const postgres: Check = {
  name: 'postgres',
  expected: `answers, version ${POSTGRES_MIN} or later`,
  async examine(patient) {
    const { databaseUrl } = patient.addresses();
    const refused = await probe(databaseUrl);
    if (refused)
      return fail(`${new URL(databaseUrl).host}: ${refused.message || refused.code}`, remedyFor(patient, 'postgres'));
    const { version, major } = await serverVersion(await patient.db());
    return major >= POSTGRES_MIN
      ? ok(version)
      : fail(version, `install Postgres ${POSTGRES_MIN} or later, and restore a backup into it`);
  },
};

const postgresPrograms: Check = {
  name: 'postgres programs',
  expected: 'pg_dump and pg_restore no older than the server',
  async examine(patient) {
    if (patient.settings.runtime === 'compose') return ok('in the containers');
    const found = await findPostgres(undefined, patient.env['PATH'] ?? '');
    if (!found) return fail('none on this machine', "install the PostgreSQL client programs of the server's version");
    const { major: server } = await serverVersion(await patient.db());
    return programsVerdict((await findPostgres(server, patient.env['PATH'] ?? '')) ?? found, server);
  },
};

/** An older pg_dump refuses a newer server. */
export function programsVerdict({ version, major }: { version: string; major: number }, server: number): Verdict {
  const found = `${version}, server ${server}`;
  return major >= server ? ok(found) : fail(found, `install the PostgreSQL ${server} client programs`);
}

const temporal: Check = {
  name: 'temporal',
  expected: `answers, server ${SERVER_MIN} or later`,
  async examine(patient) {
    const { temporalAddress } = patient.addresses();
    const version = await patient
      .client()
      .then(() => temporalServerVersion(patient.settings))
      .catch((error: Error) => error);
    if (version instanceof Error) return fail(`${temporalAddress}: ${version.message}`, remedyFor(patient, 'temporal'));
    return compareVersions(version, SERVER_MIN) >= 0
      ? ok(version)
      : fail(version, `Temporal server ${SERVER_MIN} or later: remove the old one from PATH, then: make down, make up`);
  },
};

const remedyFor = ({ settings }: Patient, part: 'postgres' | 'temporal'): string =>
  settings.runtime !== 'compose' && externalParts(settings)[part]
    ? `start the ${part === 'postgres' ? 'Postgres of DATABASE_URL' : 'Temporal of TEMPORAL_ADDRESS'}`
    : 'make up';

const worker: Check = {
  name: 'worker',
  expected: 'asks for work, and runs the code of this command',
  async examine(patient) {
    const own = buildId();
    if (own === null) return fail('the program is not built', 'make build, then: make down, make up');
    const polls = (await pollers(patient)).filter(({ seconds, dead }) => seconds <= POLL_MAX_S && !dead);
    if (polls.length === 0)
      return fail(`no worker asks for work on task queue ${patient.settings.taskQueue}`, 'make up');
    return polls.map(({ identity, seconds }): Verdict => {
      const build = readIdentity(identity)?.build ?? 'unknown';
      const found = `${identity.split(' ')[0]}, build ${build}, asked ${seconds} s ago`;
      return {
        of: identity.split(' ')[0] ?? identity,
        ...(build === own ? ok(found) : fail(`${found}; this command is build ${own}`, 'make down, then: make up')),
      };
    });
  },
};

/** Workers that asked for work in the last five minutes; `dead` when they were of this machine and are gone. */
async function pollers(patient: Patient): Promise<{ identity: string; seconds: number; dead: boolean }[]> {
  const client = await patient.client();
  const { pollers: found } = await client.workflowService.describeTaskQueue({
    namespace: client.options.namespace,
    taskQueue: { name: patient.settings.taskQueue },
    taskQueueType: 1,
  });
  return (found ?? []).map(({ identity, lastAccessTime }) => {
    const known = readIdentity(identity ?? '');
    return {
      identity: identity ?? '',
      seconds: Math.max(0, Math.round(patient.now().getTime() / 1_000 - Number(lastAccessTime?.seconds ?? 0))),
      dead: known !== null && known.host === hostname() && identify(known.pid) === null,
    };
  });
}

/** Variables that say what a worker works on, and what they come to when they are set or left out. */
const SETTINGS = new Map<string, (settings: Settings) => string | undefined>([
  ['TRADING_OPS_CONFIG', ({ configDir }) => configDir],
  ['TRADING_OPS_TASK_QUEUE', ({ taskQueue }) => taskQueue],
  ['DATABASE_URL', ({ databaseUrl }) => databaseUrl],
  ['TEMPORAL_ADDRESS', ({ temporalAddress }) => temporalAddress],
  ['TEMPORAL_NAMESPACE', ({ temporalNamespace }) => temporalNamespace],
  ['TEMPORAL_PROFILE', ({ temporalProfile }) => temporalProfile?.profile],
]);

/** What the worker was started with must be what this command works with. */
const workerSettings: Check = {
  name: 'worker settings',
  expected: 'the same configuration, database and Temporal as this command',
  async examine(patient) {
    const { settings } = patient;
    if (settings.runtime === 'compose') return ok('docker-compose.yml sets them');
    const running = workerOf(patient);
    if (!running) return warn('not known: no worker of this machine serves this data directory');
    if (!running.env) return warn(`not known: the environment of process ${running.pid} cannot be read`);
    const its = loadSettings(running.env);
    const different = [...SETTINGS].filter(([, of]) => of(its) !== of(settings)).map(([name]) => name);
    if (different.length === 0) return ok(`pid ${running.pid}: the same`);
    return fail(
      `pid ${running.pid} was started with another ${different.join(', ')}`,
      'set the variables as they should be, then: make down, make up',
    );
  },
};

export const versionChecks: Check[] = [node, postgres, postgresPrograms, temporal, worker, workerSettings];
