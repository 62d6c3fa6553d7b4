import { execa } from 'execa';
import getPort, { portNumbers } from 'get-port';
import { randomInt } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inject } from 'vitest';
import { parse } from 'yaml';
import { secretsOf } from '../../src/host/compose-files.js';
import { repositoryRoot } from '../../src/runtime/paths.js';
import { findPostgres } from '../../src/runtime/postgres/binaries.js';
import { withClient } from '../../src/runtime/postgres/database.js';
import { waitUntil } from '../../src/runtime/processes/processes.js';
import { databaseUrl, newRecord, writeRecord, type RuntimeRecord } from '../../src/runtime/record.js';
import { loadSettings } from '../../src/runtime/settings.js';
import { up } from '../../src/runtime/stack.js';
import { requireProductionServer, requireTemporal } from '../../src/runtime/temporal/binary.js';

const READY_MAX_MS = 60_000;
const SCRIPTS = join(repositoryRoot, 'ops', 'docker');

interface Service {
  environment: Record<string, string>;
  healthcheck?: { test: string[] };
}
const compose = parse(readFileSync(join(repositoryRoot, 'docker-compose.yml'), 'utf8'), { merge: true }) as {
  services: Record<string, Service>;
};
/** What docker-compose.yml gives a service, with its own defaults for what `make up` would fill in. */
export function composeService(name: string): Service {
  const service = compose.services[name];
  if (!service) throw new Error(`docker-compose.yml has no service ${name}`);
  const environment = Object.entries(service.environment).map(([key, value]) => [
    key,
    value.replaceAll(/\$\{\w+:-([^}]*)\}/g, '$1'),
  ]);
  return { ...service, environment: Object.fromEntries(environment) as Record<string, string> };
}

/**
 * The topology of docker-compose.yml without containers: the same programs at the same versions, the same scripts, the same
 * environment but for addresses and ports.
 */
export interface Production {
  record: RuntimeRecord;
  dataDir: string;
  /** host:port of the frontend. */
  address: string;
  /** Runs a script of ops/docker as its service would, and returns what it said; throws when it fails. */
  script(name: string, service: string, own: Record<string, string>): Promise<string>;
  startServer(): Promise<void>;
  /** SIGTERM, as the engine would send it, then the end. */
  stopServer(): Promise<void>;
  /** Bytes that the server keeps in memory. */
  residentBytes(): number;
}

/** An empty Postgres cluster (no role or database of ours), and everything that the scripts and the server need. */
export async function prepareProduction(progress: (line: string) => void): Promise<Production> {
  const programs = await requireProductionServer(progress);
  const temporal = await requireTemporal(progress);
  const home = mkdtempSync(join(inject('servers').root, 'production-'));
  chmodSync(home, 0o755);
  const dataDir = join(home, 'data');
  const [postgres, frontend, http, ui] = [await lowPort(), await lowPort(), await lowPort(), await lowPort()];
  const desk = await lowPort();
  // For this test the record is of a local cluster, which `up` can start; its roles are those of the compose runtime.
  const record: RuntimeRecord = {
    ...newRecord({ postgres, temporal: frontend, ui, desk }, 'compose'),
    runtime: 'local',
  };
  mkdirSync(dataDir);
  await writeRecord(dataDir, record);
  await up(loadSettings({ TRADING_OPS_DATA: dataDir }), () => undefined, { parts: ['postgres'] });
  await emptyCluster(record);
  const environment = {
    PATH: `${await programsAs(home, { temporal: temporal.file, 'temporal-server': programs.server, 'temporal-sql-tool': programs.sql })}:${process.env['PATH']}`,
    HOME: home,
  };
  const secrets = writeSecrets(home, record);
  const ports = await serverPorts(frontend, http);
  return {
    ...production({ home, secrets, environment, ports, postgres, http }),
    record,
    dataDir,
    address: `127.0.0.1:${frontend}`,
  };
}

interface Parts {
  home: string;
  secrets: string;
  environment: Record<string, string>;
  ports: Record<string, string>;
  postgres: number;
  http: number;
}

function production({
  home,
  secrets,
  environment,
  ports,
  postgres,
  http,
}: Parts): Pick<Production, 'script' | 'startServer' | 'stopServer' | 'residentBytes'> {
  let server: ReturnType<typeof spawnServer> | null = null;
  const of = (service: string) => ({ ...environment, ...composeService(service).environment, SECRETS: secrets });
  const spawnServer = () => {
    const entrypoint = join(home, 'entrypoint.sh');
    // What the image's own entrypoint ends with; before that it only finds out its container's address.
    writeFileSync(entrypoint, '#!/bin/sh\nexec temporal-server start\n', { mode: 0o755 });
    const own = {
      POSTGRES_SEEDS: '127.0.0.1',
      DB_PORT: String(postgres),
      BIND_ON_IP: '127.0.0.1',
      DYNAMIC_CONFIG_FILE_PATH: join(SCRIPTS, 'temporal-dynamic-config.yaml'),
      TEMPORAL_ENTRYPOINT: entrypoint,
      ...ports,
    };
    return execa('/bin/sh', [join(SCRIPTS, 'temporal-server.sh')], {
      env: { ...of('temporal'), ...own },
      extendEnv: false,
      reject: false,
      all: true,
      cwd: home,
    });
  };
  return {
    async script(name, service, own) {
      const result = await execa('/bin/sh', [join(SCRIPTS, name)], {
        env: { ...of(service), ...own },
        extendEnv: false,
        reject: false,
        all: true,
      });
      if (result.exitCode !== 0) throw new Error(`${name} ended with ${result.exitCode}:\n${result.all}`);
      return result.all;
    },
    async startServer() {
      server = spawnServer();
      let ended: string | null = null;
      void server.then(({ all }) => (ended = all));
      const healthy = await waitUntil(async () => ended !== null || (await answers(http)), READY_MAX_MS, 200);
      if (ended !== null || !healthy) throw new Error(`the server did not become healthy:\n${ended ?? ''}`);
    },
    async stopServer() {
      server?.kill('SIGTERM');
      await server;
      server = null;
    },
    residentBytes() {
      const status = readFileSync(`/proc/${server?.pid}/status`, 'utf8');
      return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
    },
  };
}

/** What the health check of docker-compose.yml asks, at this server's port. */
async function answers(port: number): Promise<boolean> {
  const url = new URL(composeService('temporal').healthcheck?.test.at(-1) ?? '');
  url.port = String(port);
  return fetch(url).then(
    (response) => response.ok,
    () => false,
  );
}

/** `up` has made roles and a database: here that is the task of the script. */
async function emptyCluster(record: RuntimeRecord): Promise<void> {
  await withClient(databaseUrl(record, 'superuser', 'postgres'), async (client) => {
    await client.query('drop database trading_ops');
    await client.query('drop role trading_ops_app');
    await client.query('drop role trading_ops_owner');
  });
}

async function programsAs(home: string, names: Record<string, string>): Promise<string> {
  const bin = join(home, 'bin');
  mkdirSync(bin);
  const psql = join((await findPostgres())?.dir ?? '', 'psql');
  for (const [name, file] of Object.entries({ ...names, psql })) symlinkSync(file, join(bin, name));
  return bin;
}

function writeSecrets(home: string, record: RuntimeRecord): string {
  const directory = join(home, 'secrets');
  mkdirSync(directory, { mode: 0o700 });
  for (const [name, value] of Object.entries(secretsOf(record))) writeFileSync(join(directory, name), value);
  return directory;
}

/** The server keeps its ports in its database as `smallint`: the system's own free ones may be too high. */
function lowPort(): Promise<number> {
  const from = randomInt(10_000, 30_000);
  return getPort({ port: portNumbers(from, 32_767) });
}

async function serverPorts(frontend: number, http: number): Promise<Record<string, string>> {
  const names = [
    'FRONTEND_MEMBERSHIP',
    'MATCHING_GRPC',
    'MATCHING_MEMBERSHIP',
    'HISTORY_GRPC',
    'HISTORY_MEMBERSHIP',
    'WORKER_GRPC',
    'WORKER_MEMBERSHIP',
  ];
  const ports = await Promise.all(names.map(async (name) => [`${name}_PORT`, String(await lowPort())] as const));
  return { ...Object.fromEntries(ports), FRONTEND_GRPC_PORT: String(frontend), FRONTEND_HTTP_PORT: String(http) };
}
