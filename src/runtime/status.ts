import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Addresses, externalParts, resolveAddresses } from './addresses.js';
import { logPaths } from './processes/logs.js';
import { type PartStatus, reason } from './parts.js';
import { deskEntry, installationPaths, type InstallationPaths, repositoryRoot, workerEntry } from './paths.js';
import { postgresProcess } from './postgres/server.js';
import { withClient } from './postgres/database.js';
import type { Settings } from './settings.js';
import { temporalProcess } from './temporal/server.js';
import { POLL_MAX_S, secondsSinceLastPoll, temporalServerVersion } from './temporal/probe.js';
import { deskAddress, deskAnswers, deskProcess, isDeskReady } from './processes/desk.js';
import { isReady, workerProcess } from './processes/worker.js';
import { readRecord } from './record.js';

/** The whole stack at a glance; plain JSON, and no secret in it. */
export interface StackStatus {
  dataDir: string;
  configDir: string;
  taskQueue: string;
  namespace: string;
  /** True when every part runs. */
  healthy: boolean;
  webUi: string | null;
  /** Where the desk is opened; null before the first start. */
  desk: string | null;
  versions: { tradingOps: string; node: string };
  parts: PartStatus[];
}

type Answer = { version: string } | { failed: string };

/** Asks every part how it is, all at once. A part that does not answer is reported, never thrown. */
export async function stackStatus(settings: Settings): Promise<StackStatus> {
  const paths = installationPaths(settings.dataDir);
  const addresses = addressesOrNull(settings);
  const services = await Promise.all([
    postgresStatus(settings, paths, addresses),
    temporalStatus(settings, paths, addresses),
  ]);
  const parts = [
    ...services,
    await (settings.runtime === 'compose' ? composedWorker(settings) : workerStatus(settings, paths)),
    await deskStatus(settings, paths),
  ];
  return {
    dataDir: settings.dataDir,
    configDir: settings.configDir,
    taskQueue: settings.taskQueue,
    namespace: settings.temporalNamespace,
    healthy: parts.every((part) => part.state === 'running'),
    webUi: addresses?.temporalUiUrl ?? null,
    desk: deskUrl(settings),
    versions: { tradingOps: ownVersion(), node: process.versions.node },
    parts,
  };
}

async function postgresStatus(
  settings: Settings,
  paths: InstallationPaths,
  addresses: Addresses | null,
): Promise<PartStatus> {
  const external = externalParts(settings).postgres;
  const pid = external ? null : (postgresProcess(paths)?.pid ?? null);
  const url = addresses && new URL(addresses.databaseUrl);
  const address = url && `${url.hostname}:${url.port || 5432}`;
  const asked =
    addresses && (external || pid !== null) ? await ask(() => postgresVersion(addresses.databaseUrl)) : null;
  return {
    name: 'postgres',
    external,
    address,
    pid,
    log: external ? null : logPaths(settings).postgres,
    ...outcome(asked, pid),
  };
}

async function temporalStatus(
  settings: Settings,
  paths: InstallationPaths,
  addresses: Addresses | null,
): Promise<PartStatus> {
  const external = externalParts(settings).temporal;
  const pid = external ? null : (temporalProcess(paths)?.pid ?? null);
  const asked = addresses && (external || pid !== null) ? await ask(() => temporalServerVersion(settings)) : null;
  const address = addresses?.temporalAddress || null;
  return {
    name: 'temporal',
    external,
    address,
    pid,
    log: external ? null : logPaths(settings).temporal,
    ...outcome(asked, pid),
  };
}

function workerStatus(settings: Settings, paths: InstallationPaths): PartStatus {
  const running = workerProcess(paths);
  const base = {
    name: 'worker',
    external: false,
    address: null,
    pid: running?.pid ?? null,
    log: logPaths(settings).worker,
  } as const;
  if (running && isReady(paths, running))
    return { ...base, state: 'running', version: ownVersion(), detail: `task queue ${settings.taskQueue}` };
  if (running)
    return { ...base, state: 'starting', version: ownVersion(), detail: 'it has not said yet that it is ready' };
  if (!existsSync(workerEntry))
    return { ...base, state: 'not built', version: null, detail: 'type `make build`, then `make up`' };
  return { ...base, state: 'stopped', version: null, detail: 'type `make up`' };
}

/** Where the desk of this installation is opened; null before the first start, and where the record cannot be read. */
export function deskUrl({ dataDir }: Pick<Settings, 'dataDir'>): string | null {
  try {
    const port = readRecord(dataDir)?.desk?.port;
    return port === undefined ? null : deskAddress(port);
  } catch {
    return null;
  }
}

async function deskStatus(settings: Settings, paths: InstallationPaths): Promise<PartStatus> {
  const url = deskUrl(settings);
  const composed = settings.runtime === 'compose';
  const running = composed ? null : deskProcess(paths);
  const base = {
    name: 'desk',
    external: composed,
    address: url === null ? null : new URL(url).host,
    pid: running?.pid ?? null,
    log: composed ? null : logPaths(settings).desk,
  } as const;
  const stopped = { ...base, state: 'stopped', version: null, detail: 'type `make up`' } as const;
  if (!running && !composed)
    return existsSync(deskEntry)
      ? stopped
      : { ...base, state: 'not built', version: null, detail: 'type `make build`, then `make up`' };
  if (running && !isDeskReady(paths, running))
    return { ...base, state: 'starting', version: ownVersion(), detail: 'it does not listen yet' };
  if (url === null) return stopped;
  const asked = await ask(async () => {
    await deskAnswers(Number(new URL(url).port));
    return ownVersion();
  });
  if ('version' in asked)
    return { ...base, state: 'running', version: asked.version, detail: 'make desk prints a link that lets in' };
  return { ...base, state: 'unreachable', version: null, detail: asked.failed };
}

/** A worker in a container shows only by what it asks of Temporal. */
async function composedWorker(settings: Settings): Promise<PartStatus> {
  const base = { name: 'worker', external: true, address: null, pid: null, log: null } as const;
  const asked = await ask(async () => String((await secondsSinceLastPoll(settings)) ?? 'never'));
  if ('version' in asked && Number(asked.version) <= POLL_MAX_S)
    return { ...base, state: 'running', version: null, detail: `task queue ${settings.taskQueue}` };
  return {
    ...base,
    state: 'unreachable',
    version: null,
    detail: 'failed' in asked ? asked.failed : 'no worker has asked Temporal for work lately',
  };
}

function outcome(asked: Answer | null, pid: number | null): Pick<PartStatus, 'state' | 'version' | 'detail'> {
  if (asked === null && pid !== null)
    return { state: 'unreachable', version: null, detail: 'it runs, but runtime.json is lost: type `make up`' };
  if (asked === null) return { state: 'stopped', version: null, detail: 'type `make up`' };
  if ('version' in asked) return { state: 'running', version: asked.version, detail: null };
  return { state: 'unreachable', version: null, detail: asked.failed };
}

async function ask(question: () => Promise<string>): Promise<Answer> {
  try {
    return { version: await question() };
  } catch (error) {
    return { failed: reason(error) };
  }
}

async function postgresVersion(url: string): Promise<string> {
  const { rows } = await withClient(url, (client) => client.query<{ server_version: string }>('show server_version'));
  // Distributions add their own words in parentheses.
  return rows[0]?.server_version.split(' ')[0] ?? '';
}

function addressesOrNull(settings: Settings): Addresses | null {
  try {
    return resolveAddresses(settings);
  } catch {
    return null;
  }
}

/** Version of this program, as package.json says. */
export function ownVersion(): string {
  const { version } = JSON.parse(readFileSync(join(repositoryRoot, 'package.json'), 'utf8')) as { version: string };
  return version;
}
