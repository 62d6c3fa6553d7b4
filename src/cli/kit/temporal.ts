import type { Client, Connection } from '@temporalio/client';
import { OpsError, unreachableError } from '../../domain/errors.js';
import { explainTemporalError, stoppedAnswering } from '../../operations/temporal-failure.js';
import type { WorkersPlace } from '../../operations/workers.js';
import { temporalConnectConfig } from '../../runtime/temporal/connection.js';
import type { Settings } from '../../runtime/settings.js';
import type { Context } from './context.js';
import { fullDisk } from './disk.js';
import { whileItAnswers, type Pulse } from './pulse.js';

const CONNECT_MS = 5_000;

/** A client of the installation's Temporal server; says so plainly when it does not answer. */
export async function withTemporal<T>(settings: Settings, action: (client: Client) => Promise<T>): Promise<T> {
  const [temporal, { namespace, connectionOptions }] = await Promise.all([
    import('@temporalio/client'),
    temporalConnectConfig(settings),
  ]);
  let connection: Connection;
  try {
    connection = await temporal.Connection.connect({ ...connectionOptions, connectTimeout: CONNECT_MS });
  } catch (cause) {
    throw unreachableError('TEMPORAL_DOWN', `Temporal at ${connectionOptions.address} does not answer`, {
      cause,
      remedy: 'make up',
    });
  }
  try {
    return await whileItAnswers(pulseOf(connection, settings), action(new temporal.Client({ connection, namespace })));
  } catch (error) {
    const explained = explainTemporalError(error, connectionOptions.address ?? '');
    throw explained instanceof OpsError && explained.code !== 'TEMPORAL_DOWN'
      ? explained
      : (fullDisk(settings) ?? explained);
  } finally {
    await connection.close();
  }
}

/**
 * Asks Temporal, while a command waits for it, whether it still answers. On a full disk it says that it lives, and
 * stores nothing: whoever still waits then waits for good.
 */
function pulseOf(connection: Connection, settings: Settings): Pulse {
  let asked = 0;
  return {
    async ask(ms) {
      await connection.withDeadline(Date.now() + ms, () => connection.workflowService.getSystemInfo({}));
      asked += 1;
      const full = asked > 1 && fullDisk(settings);
      if (full) throw full;
    },
    lost: () => fullDisk(settings) ?? stoppedAnswering(String(connection.options.address)),
  };
}

/** Where the workers of a command's installation are looked for. */
export const workersOf = ({ settings, addresses }: Pick<Context, 'settings' | 'addresses'>): WorkersPlace => ({
  dataDir: settings.dataDir,
  taskQueue: settings.taskQueue,
  isLocal: addresses.local,
});
