import type { Client, Connection } from '@temporalio/client';
import type { Knex } from 'knex';
import path from 'node:path';
import { accountsOf } from '../operations/runs/configuration.js';
import { connect, reach } from '../db/connect.js';
import { parsePolicy, type Policy } from '../domain/policy/policy.js';
import type { Account, Instant, UniverseRow } from '../domain/types.js';
import { parseUniverse } from '../domain/policy/universe.js';
import { readRegular } from '../files/regular.js';
import { externalParts, resolveAddresses, type Addresses } from '../runtime/addresses.js';
import { temporalConnectConfig } from '../runtime/temporal/connection.js';
import { installationPaths, type InstallationPaths } from '../runtime/paths.js';
import { postgresProcess } from '../runtime/postgres/server.js';
import type { Settings } from '../runtime/settings.js';
import { temporalProcess } from '../runtime/temporal/server.js';
import { NotKnowable } from './not-knowable.js';

const CONNECT_MS = 4_000;
/** Few enough to leave a busy Postgres alone, enough that the checks need not queue. */
const CONNECTIONS = 4;

/** What the checks look at. What cannot be had throws `NotKnowable`: the check of the missing part itself says why. */
export interface Patient {
  settings: Settings;
  paths: InstallationPaths;
  env: NodeJS.ProcessEnv;
  /** The wall clock. */
  now: () => Date;
  addresses(): Addresses;
  policy(): Promise<Policy>;
  universe(): Promise<UniverseRow[]>;
  accounts(): Promise<Account[]>;
  /** The instant an account acts at: the wall clock, or TRADING_OPS_AT on a simulated one. */
  instantOf(account: Account): Instant;
  db(): Promise<Knex>;
  client(): Promise<Client>;
  close(): Promise<void>;
}

/** Opens nothing yet: each part is reached when the first check asks for it. */
export function openPatient(
  settings: Settings,
  env: NodeJS.ProcessEnv = process.env,
  now: () => Date = () => new Date(),
): Patient {
  const paths = installationPaths(settings.dataDir);
  const opened: { db?: Knex; connection?: Connection } = {};
  const addresses = () => orNotKnowable(() => resolveAddresses(settings), 'the installation has never been started');
  const policy = once(() =>
    readAs(path.join(settings.configDir, 'policy.yml'), parsePolicy, 'policy.yml is not sound'),
  );
  const db = once(async () => {
    const { databaseUrl } = addresses();
    if (!externalParts(settings).postgres && !postgresProcess(paths)) throw new NotKnowable('Postgres does not run');
    const pool = (opened.db = connect(databaseUrl, CONNECTIONS));
    await reach(pool).catch(() => Promise.reject(new NotKnowable('Postgres does not answer')));
    return pool;
  });
  const client = once(async () => {
    if (!externalParts(settings).temporal && addresses() && !temporalProcess(paths))
      throw new NotKnowable('Temporal does not run');
    const { Client, Connection } = await import('@temporalio/client');
    const { namespace, connectionOptions } = await temporalConnectConfig(settings);
    const connection = await Connection.connect({ ...connectionOptions, connectTimeout: CONNECT_MS }).catch(() =>
      Promise.reject(new NotKnowable('Temporal does not answer')),
    );
    opened.connection = connection;
    return new Client({ connection, namespace });
  });
  return {
    settings,
    paths,
    env,
    now,
    addresses,
    policy,
    db,
    client,
    universe: once(() =>
      readAs(path.join(settings.configDir, 'universe.csv'), parseUniverse, 'universe.csv is not sound'),
    ),
    accounts: async () => accountsOf(await policy()),
    instantOf: ({ clock }) => new Date((clock === 'simulated' ? settings.at : undefined) ?? now()).toISOString(),
    close: async () => void (await Promise.all([opened.db?.destroy(), opened.connection?.close()])),
  };
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}

function orNotKnowable<T>(make: () => T, why: string): T {
  try {
    return make();
  } catch {
    throw new NotKnowable(why);
  }
}

async function readAs<T>(file: string, parse: (text: string, name: string) => T, why: string): Promise<T> {
  const text = await readRegular(file).catch(() => '');
  return orNotKnowable(() => parse(text, file), why);
}
