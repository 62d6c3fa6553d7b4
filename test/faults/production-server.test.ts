import { Connection } from '@temporalio/client';
import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest';
import { tradingDayId } from '../../src/contract/workflows.js';
import { migrateToLatest } from '../../src/db/migrate.js';
import type { OpsError } from '../../src/domain/errors.js';
import type { IsoDate } from '../../src/domain/types.js';
import { repositoryRoot } from '../../src/runtime/paths.js';
import { withClient } from '../../src/runtime/postgres/database.js';
import { databaseUrl } from '../../src/runtime/record.js';
import { loadSettings } from '../../src/runtime/settings.js';
import { down } from '../../src/runtime/stack.js';
import { SEARCH_ATTRIBUTES } from '../../src/runtime/temporal/server.js';
import {
  assertInvariants,
  assertOneOfEverything,
  MONDAY,
  openSeat,
  TUESDAY,
  useDemoPolicy,
  type TestSeat,
} from '../support/day.js';
import { composeService, prepareProduction, type Production } from '../support/production.js';
import { cleanEnvironment } from '../support/servers.js';
import { startWorkerProcess, type Installation, type WorkerProcess } from '../support/stack.js';

/**
 * The always-on host of docker-compose.yml without its containers: Postgres, the Temporal server of production on it, two
 * workers. No engine runs where this is tested; programs, versions, scripts and settings are the same.
 */
const BUILD_MAX_MS = 15 * 60_000;
const DAY_MAX_MS = 180_000;
const SECONDS_PER_HOUR = 3_600;

let production: Production | null = null;
let missing: OpsError | null = null;
let installation: Installation;
let seat: TestSeat;
const workers: WorkerProcess[] = [];

beforeAll(async () => {
  try {
    production = await prepareProduction((line) => process.stderr.write(`production server: ${line}\n`));
  } catch (error) {
    missing = error as OpsError;
  }
}, BUILD_MAX_MS);

afterAll(async () => {
  await seat?.close();
  for (const worker of workers) await worker.kill();
  await production?.stopServer();
  if (production) await down(loadSettings({ TRADING_OPS_DATA: production.dataDir }), () => undefined);
}, DAY_MAX_MS);

/** Only where there is no Go, or one too old to build the server with, may this proof be skipped, and it says so. */
function onProduction(proof: (server: Production) => Promise<void>): (context: TestContext) => Promise<void> {
  return async ({ skip }) => {
    if (production) return proof(production);
    expect(['TEMPORAL_MISSING', 'GO_TOO_OLD'], missing?.message).toContain(missing?.code);
    skip(`the production Temporal server cannot be built on this machine: ${missing?.message}`);
  };
}

describe('the always-on host', () => {
  it(
    'is set up by the scripts of its one-shots, a second time without harm',
    onProduction(async ({ record, script }) => {
      const port = String(record.postgres.port);
      for (const applied of [/^\d/, /^$/]) {
        await script('postgres-roles.sh', 'postgres-roles', { PGHOST: '127.0.0.1', PGPORT: port });
        expect((await migrateToLatest(databaseUrl(record, 'owner'))).join()).toMatch(applied);
        await script('temporal-schema.sh', 'temporal-schema', { SQL_HOST: '127.0.0.1', SQL_PORT: port });
      }
      await withClient(databaseUrl(record, 'app'), (client) =>
        expect(client.query('create table mine (a int)')).rejects.toThrow(/permission denied/),
      );
      await withClient(databaseUrl(record, 'superuser', 'postgres'), async (client) => {
        const { rows } = await client.query<{ name: string; owner: string }>(
          `select datname as name, pg_get_userbyid(datdba) as owner from pg_database where datname ~ 't' and not datistemplate and datname <> 'postgres' order by 1`,
        );
        expect(rows).toEqual([
          { name: 'temporal', owner: 'temporal' },
          { name: 'temporal_visibility', owner: 'temporal' },
          { name: 'trading_ops', owner: 'trading_ops_owner' },
        ]);
      });
    }),
    DAY_MAX_MS,
  );

  it(
    'has a healthy server with its shards, namespace, retention and search attributes',
    onProduction(async ({ address, script, startServer }) => {
      const since = Date.now();
      await startServer();
      process.stderr.write(`production server: healthy after ${Date.now() - since} ms\n`);
      for (const again of ['created', 'kept'])
        expect(
          await script('temporal-namespace.sh', 'temporal-namespace', { TEMPORAL_ADDRESS: address }),
          again,
        ).toContain('Namespace default is there');
      const connection = await Connection.connect({ address });
      const { workflowService, operatorService } = connection;
      const [cluster, namespace, attributes] = await Promise.all([
        workflowService.getClusterInfo({}),
        workflowService.describeNamespace({ namespace: 'default' }),
        operatorService.listSearchAttributes({ namespace: 'default' }),
      ]);
      await connection.close();
      const { environment } = composeService('temporal-namespace');
      expect(cluster).toMatchObject({
        historyShardCount: 512,
        persistenceStore: 'postgres12',
        visibilityStore: 'postgres12',
      });
      expect(Number(namespace.config?.workflowExecutionRetentionTtl?.seconds)).toBe(
        Number.parseInt(environment['RETENTION'] ?? '', 10) * SECONDS_PER_HOUR,
      );
      expect(Object.keys(attributes.customAttributes ?? {})).toEqual(
        expect.arrayContaining(Object.keys(SEARCH_ATTRIBUTES)),
      );
    }),
    DAY_MAX_MS,
  );

  it(
    'goes on with its day when the worker that holds it is killed',
    onProduction(async (server) => {
      await openHost(server);
      workers.push(await startWorkerProcess(installation), await startWorkerProcess(installation));
      await seat.run('0800', MONDAY);
      expect((await seat.reconcile(MONDAY, { id: 'reconcile-monday' })).status).toBe('PASS');
      const holder = await holderOf(MONDAY);
      await holder.kill();
      const since = Date.now();
      const ticket = await seat.issue(MONDAY);
      process.stderr.write(`production server: ticket ${Date.now() - since} ms after a worker was killed\n`);
      expect(ticket.kind).toBe('TRADE');
      expect((await seat.confirm(ticket.ticketId)).status).toBe('BOOKED');
      expect((await seat.closed(MONDAY)).state).toBe('closed');
      await assertOneOfEverything(seat.db, MONDAY, ticket.ticketId);
      expect(
        workers
          .filter((worker) => worker !== holder)
          .map(({ log }) => log())
          .join(),
      ).not.toMatch(/"level":"(error|fatal)"/);
    }),
    DAY_MAX_MS,
  );

  it(
    'goes on with its day when the server was stopped in the middle of it, for its state is in Postgres',
    onProduction(async ({ stopServer, startServer, residentBytes }) => {
      process.stderr.write(`production server: ${Math.round(residentBytes() / 1024 ** 2)} MB resident\n`);
      await seat.run('0800', TUESDAY);
      expect((await seat.view(TUESDAY)).state).toBe('open');
      await stopServer();
      await startServer();
      const ticket = await seat.issue(TUESDAY);
      expect(ticket.kind).toBe('NO_TRADE');
      expect((await seat.confirm(ticket.ticketId)).status).toBe('ACKNOWLEDGED');
      expect((await seat.closed(TUESDAY)).state).toBe('closed');
      await assertInvariants(seat.db);
    }),
    DAY_MAX_MS,
  );
});

/** The installation that the workers and the seat share, on the server of production. */
async function openHost({ record, dataDir, address }: Production): Promise<void> {
  const configDir = join(dataDir, '..', 'config');
  mkdirSync(configDir);
  cpSync(join(repositoryRoot, 'config'), configDir, { recursive: true });
  const own = {
    TRADING_OPS_DATA: dataDir,
    TRADING_OPS_CONFIG: configDir,
    DATABASE_URL: databaseUrl(record, 'app'),
    DATABASE_OWNER_URL: databaseUrl(record, 'owner'),
    TEMPORAL_ADDRESS: address,
    TEMPORAL_NAMESPACE: 'default',
    TRADING_OPS_TASK_QUEUE: 'trading-ops',
  };
  installation = {
    settings: loadSettings(own),
    env: cleanEnvironment(own),
    dataDir,
    configDir,
    cleanup: async () => undefined,
  };
  useDemoPolicy(installation);
  seat = await openSeat(installation);
}

/** The worker that did the last step of a day's workflow, and so has it in its memory. */
async function holderOf(day: IsoDate): Promise<WorkerProcess> {
  const { events } = await seat.client.workflow.getHandle(tradingDayId('main', day)).fetchHistory();
  const last = events?.findLast((event) => event.workflowTaskStartedEventAttributes)?.workflowTaskStartedEventAttributes
    ?.identity;
  const holder = workers.find(({ pid }) => last?.startsWith(`${pid}@`));
  return holder ?? expect.unreachable(`no worker of this test did ${last}`);
}
