import { Client, Connection } from '@temporalio/client';
import { NativeConnection, Worker, type ActivityInterceptorsFactory } from '@temporalio/worker';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createActivities } from '../activities/index.js';
import { connect } from '../db/connect.js';
import { faultError } from '../domain/errors.js';
import { resolveAddresses } from '../runtime/addresses.js';
import { temporalConnectConfig } from '../runtime/connection.js';
import type { Settings } from '../runtime/settings.js';
import { errorInterceptor } from './errors.js';
import { heartbeatInterceptor } from './heartbeat.js';
import { WORKER_SETTINGS } from './settings.js';

const bundle = fileURLToPath(new URL('../workflow-bundle.js', import.meta.url));

export interface RunningWorker {
  worker: Worker;
  /** Closes connections, in the order that lets the last activity finish. */
  close(): Promise<void>;
}

/**
 * Wires activities to their database, files and Temporal client, and makes the worker of this installation.
 * @param interceptors more activity interceptors, outermost first; fault tests stop the process there.
 */
export async function createWorker(settings: Settings, interceptors: ActivityInterceptorsFactory[] = []): Promise<RunningWorker> {
  if (!existsSync(bundle)) throw faultError('NOT_BUILT', `${bundle} is missing`, { remedy: 'make build' });
  const { databaseUrl } = resolveAddresses(settings);
  const { namespace, connectionOptions } = await temporalConnectConfig(settings);
  const db = connect(databaseUrl, WORKER_SETTINGS.maxConcurrentActivityTaskExecutions + 2);
  const clientConnection = await Connection.connect(connectionOptions);
  const connection = await NativeConnection.connect(connectionOptions);
  const client = new Client({ connection: clientConnection, namespace });
  const worker = await Worker.create({
    connection, namespace, taskQueue: settings.taskQueue, workflowBundle: { codePath: bundle },
    activities: createActivities({ db, client, taskQueue: settings.taskQueue, dataDir: settings.dataDir, configDir: settings.configDir, env: process.env }),
    interceptors: { activity: [...interceptors, (context) => ({ inbound: errorInterceptor(context) }), (context) => ({ inbound: heartbeatInterceptor(context) })] },
    ...WORKER_SETTINGS,
  });
  return {
    worker,
    async close() {
      await clientConnection.close();
      await connection.close();
      await db.destroy();
    },
  };
}
