import { Client, Connection } from '@temporalio/client';
import { Context } from '@temporalio/activity';
import { NativeConnection, Runtime, Worker, type ActivityInterceptorsFactory } from '@temporalio/worker';
import type { Knex } from 'knex';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createBackupActivities } from '../activities/backups.js';
import type { Activities } from '../contract/activities.js';
import type { WatchInput } from '../contract/runs.js';
import { backupHome } from '../operations/backup/place.js';
import { backupQueue, waitingQueue, WORKFLOWS } from '../contract/workflows.js';
import { createActivities } from '../activities/index.js';
import { keepNewestHead } from '../operations/guard/keep-head.js';
import { connect, OF_THE_WORKER } from '../db/connect.js';
import { faultError } from '../domain/errors.js';
import { resolveAddresses } from '../runtime/addresses.js';
import { workerIdentity } from '../runtime/build.js';
import { QUICK_RECONNECT, temporalConnectConfig } from '../runtime/temporal/connection.js';
import type { Settings } from '../runtime/settings.js';
import { createOutbox, onceAfter } from './outbox.js';
import { errorInterceptor } from './errors.js';
import { heartbeatInterceptor, noteProgress, STILL_MAX_MS, tellProgress } from './heartbeat.js';
import { registerSchedules } from './schedules.js';
import { WAITING_ACTIVITIES, WORKER_SETTINGS } from './settings.js';

/** Whoever waits for the run that raised an alert comes first; the alert goes out a second later. */
const NUDGE_AFTER_MS = 1_000;

const bundle = fileURLToPath(new URL('../workflow-bundle.js', import.meta.url));

export interface RunningWorker {
  /** Works until it is shut down, by a signal of the process or `shutdown`; fails when it cannot go on. */
  run(): Promise<void>;
  shutdown(): void;
  /** Has every slot accounted for at once: after an outage nobody should wait an hour to hear what it cost. */
  watch(): Promise<void>;
  /** Closes connections, in the order that lets the last activity finish. */
  close(): Promise<void>;
}

/**
 * Wires activities to their database, files and Temporal client, and makes the worker of this installation.
 * @param interceptors more activity interceptors, outermost first; fault tests stop the process there.
 * @param now the machine's clock, which real accounts go by; tests set it.
 */
export async function createWorker(
  settings: Settings,
  interceptors: ActivityInterceptorsFactory[] = [],
  now = () => new Date().toISOString(),
): Promise<RunningWorker> {
  if (!existsSync(bundle)) throw faultError('NOT_BUILT', `${bundle} is missing`, { remedy: 'make build' });
  const { databaseUrl } = resolveAddresses(settings);
  const { namespace, connectionOptions } = await temporalConnectConfig(settings);
  const db = connect(databaseUrl, WORKER_SETTINGS.maxConcurrentActivityTaskExecutions + 2, OF_THE_WORKER);
  db.on('query-response', noteProgress);
  const clientConnection = await Connection.connect({ ...connectionOptions, channelArgs: QUICK_RECONNECT });
  const connection = await NativeConnection.connect(connectionOptions);
  const client = new Client({ connection: clientConnection, namespace });
  const { promptTicket, ...activities } = createActivities({
    onAlert: onceAfter(() => outbox.nudge(), NUDGE_AFTER_MS),
    db,
    client,
    taskQueue: settings.taskQueue,
    dataDir: settings.dataDir,
    configDir: settings.configDir,
    env: process.env,
    now,
    onProgress: noteProgress,
  });
  const { logger } = Runtime.instance();
  const outbox = createOutbox(
    () => activities.dispatchAlerts(),
    (error) => logger.warn('alerts wait to be delivered', { error: (error as Error).message }),
  );
  let kept: string | null = null;
  const heads = createOutbox(
    async () => (kept = await keepNewestHead({ db, dataDir: settings.dataDir, now }, kept)),
    (error) => logger.warn('the newest record of the audit log is not kept', { error: (error as Error).message }),
  );
  const intercepted = (stillMaxMs?: number) => ({
    activity: [
      ...interceptors,
      (context: Context) => ({ inbound: errorInterceptor(context) }),
      (context: Context) => ({ inbound: heartbeatInterceptor(context, stillMaxMs) }),
    ],
  });
  const common = {
    connection,
    namespace,
    identity: workerIdentity(),
    ...WORKER_SETTINGS,
    interceptors: intercepted(),
  };
  const workers = await Promise.all([
    Worker.create({
      ...common,
      interceptors: intercepted(STILL_MAX_MS),
      taskQueue: settings.taskQueue,
      workflowBundle: { codePath: bundle },
      activities,
    }),
    Worker.create({
      ...common,
      taskQueue: waitingQueue(settings.taskQueue),
      activities: { promptTicket },
      maxConcurrentActivityTaskExecutions: WAITING_ACTIVITIES,
    }),
    Worker.create({
      ...common,
      taskQueue: backupQueue(settings.taskQueue),
      activities: backupActivities(settings, db, activities.raiseAlert),
      maxConcurrentActivityTaskExecutions: 1,
    }),
  ]);
  await registerSchedules(client, settings);
  const shutdown = () =>
    workers.filter((worker) => worker.getState() === 'RUNNING').forEach((worker) => worker.shutdown());
  return {
    async run() {
      outbox.start();
      heads.start();
      await Promise.all(workers.map((worker) => worker.run().finally(shutdown)));
    },
    shutdown,
    async watch() {
      const input: WatchInput = { accounts: [] };
      await client.workflow.start(WORKFLOWS.watch, {
        workflowId: `watch-${new Date().toISOString().replace(/\.\d+Z$/, 'Z')}`,
        taskQueue: settings.taskQueue,
        args: [input],
        workflowIdConflictPolicy: 'USE_EXISTING',
        staticSummary: 'Watch of a worker that started',
      });
    },
    async close() {
      await Promise.all([outbox.stop(), heads.stop()]);
      await clientConnection.close();
      await connection.close();
      await db.destroy();
    },
  };
}

/** The steps of backups and restore tests, told apart from the rest: they beat with how far they are. */
function backupActivities(settings: Settings, db: Knex, raiseAlert: Activities['raiseAlert']) {
  const { databaseUrl, ownerDatabaseUrl: ownerUrl } = resolveAddresses(settings);
  return createBackupActivities({
    ...backupHome(settings),
    db,
    databaseUrl,
    ownerUrl,
    dataDir: settings.dataDir,
    raiseAlert,
    tellProgress,
  });
}
