import type { Client, Connection } from '@temporalio/client';
import { unreachableError } from '../domain/errors.js';
import { QUICK_RECONNECT, temporalConnectConfig } from '../runtime/temporal/connection.js';
import type { Settings } from '../runtime/settings.js';

/** A person waits for no longer than that to hear that Temporal is away. */
const ANSWERS_MS = 3_000;

/** How the desk reaches Temporal: one connection, made when it is first needed, which finds a server that comes back. */
export interface Mail {
  /** Does something with it. @throws OpsError TEMPORAL_DOWN */
  with<T>(work: (post: { client: Client; taskQueue: string }) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** Opens nothing yet. */
export function openMail(settings: Settings): Mail {
  let opened: Promise<{ client: Client; connection: Connection; address: string }> | null = null;
  return {
    async with(work) {
      const { client, connection, address } = await (opened ??= connectionOf(settings));
      try {
        await connection.withDeadline(Date.now() + ANSWERS_MS, () => connection.workflowService.getSystemInfo({}));
      } catch (cause) {
        throw unreachableError('TEMPORAL_DOWN', `Temporal at ${address} does not answer`, { cause, remedy: 'make up' });
      }
      return work({ client, taskQueue: settings.taskQueue });
    },
    async close() {
      await (await opened)?.connection.close();
    },
  };
}

async function connectionOf(settings: Settings) {
  const [temporal, { namespace, connectionOptions }] = await Promise.all([
    import('@temporalio/client'),
    temporalConnectConfig(settings),
  ]);
  const connection = temporal.Connection.lazy({ ...connectionOptions, channelArgs: QUICK_RECONNECT });
  return {
    client: new temporal.Client({ connection, namespace }),
    connection,
    address: String(connectionOptions.address),
  };
}
