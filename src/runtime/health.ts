import { execa } from 'execa';
import { join } from 'node:path';
import { type Addresses, resolveAddresses } from './addresses.js';
import { reason } from './parts.js';
import { installationPaths } from './paths.js';
import { findPostgres } from './postgres/binaries.js';
import { probe } from './postgres/database.js';
import { postgresEnvironment } from './postgres/user.js';
import type { Settings } from './settings.js';
import { temporalProcess } from './temporal/server.js';
import { POLL_MAX_S, secondsSinceLastPoll, temporalServingState } from './temporal/probe.js';
import { deskAnswers } from './processes/desk.js';
import { readRecord } from './record.js';
import { isReady, workerProcess } from './processes/worker.js';

export interface HealthCheck {
  name: 'postgres' | 'temporal' | 'worker' | 'desk';
  ok: boolean;
  detail: string;
}

/**
 * Checks Postgres (pg_isready, then a login), Temporal (its own health service) the worker (alive, and asking for
 * work) and the desk, where this installation has one.
 */
export async function health(settings: Settings): Promise<HealthCheck[]> {
  const addresses = resolveAddresses(settings);
  // The container of the worker knows no record, and asks for no desk.
  const desk = addresses.local || settings.runtime === 'compose' ? readRecord(settings.dataDir)?.desk : undefined;
  return Promise.all([
    check('postgres', () => postgresHealth(addresses)),
    check('temporal', () => temporalHealth(settings, addresses)),
    check('worker', () => workerHealth(settings, addresses)),
    ...(desk === undefined ? [] : [check('desk', () => deskHealth(desk.port))]),
  ]);
}

type Finding = Omit<HealthCheck, 'name'>;

async function check(name: HealthCheck['name'], question: () => Promise<Finding>): Promise<HealthCheck> {
  try {
    return { name, ...(await question()) };
  } catch (error) {
    return { name, ok: false, detail: reason(error) };
  }
}

async function postgresHealth(addresses: Addresses): Promise<Finding> {
  const url = new URL(addresses.databaseUrl);
  const port = url.port || '5432';
  const binaries = await findPostgres();
  const said =
    binaries &&
    (await execa(join(binaries.dir, 'pg_isready'), ['-h', url.hostname, '-p', port, '-t', '5'], {
      env: postgresEnvironment(),
      extendEnv: false,
      reject: false,
    }));
  if (said && said.exitCode !== 0)
    return { ok: false, detail: said.stdout || `pg_isready ended with ${said.exitCode}` };
  // pg_isready asks for no password: only a login proves that the application can work.
  const refused = await probe(addresses.databaseUrl);
  if (refused)
    return { ok: false, detail: `${url.hostname}:${port} refuses the application's login: ${refused.message}` };
  return { ok: true, detail: said?.stdout ?? `${url.hostname}:${port} - accepting connections` };
}

async function temporalHealth(settings: Settings, addresses: Addresses): Promise<Finding> {
  // Connecting to nothing takes the whole deadline: our own server's absence is known at once.
  const absent = addresses.temporalUiUrl !== null && !temporalProcess(installationPaths(settings.dataDir));
  if (absent) return { ok: false, detail: `${addresses.temporalAddress} - not running` };
  const { address, serving } = await temporalServingState(settings);
  return { ok: serving, detail: `${address} - ${serving ? 'serving' : 'not serving'}` };
}

async function workerHealth(settings: Settings, addresses: Addresses): Promise<Finding> {
  const paths = installationPaths(settings.dataDir);
  const running = workerProcess(paths);
  // Elsewhere than on the local runtime a worker may run on any machine: then only its polls can be seen.
  if (!running && addresses.local) return { ok: false, detail: 'not running' };
  if (running && !isReady(paths, running))
    return { ok: false, detail: `pid ${running.pid} has not said yet that it is ready` };
  const seconds = await secondsSinceLastPoll(settings);
  const who = running ? `pid ${running.pid}` : `task queue ${settings.taskQueue}`;
  if (seconds === null) return { ok: false, detail: `${who}: no worker has asked Temporal for work lately` };
  return { ok: seconds <= POLL_MAX_S, detail: `${who} - asked for work ${seconds} s ago` };
}

async function deskHealth(port: number): Promise<Finding> {
  const reaches = await deskAnswers(port);
  return { ok: true, detail: `localhost:${port} - answers${reaches ? '' : ', without its database'}` };
}
