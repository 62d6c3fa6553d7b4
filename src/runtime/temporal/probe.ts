import { temporalConnectConfig } from './connection.js';
import type { Settings } from '../settings.js';

const ANSWER_MAX_MS = 5_000;
/** A worker asks for work at least once a minute; one that has not for this long does not get any. */
export const POLL_MAX_S = 75;
/** The health protocol's own number for SERVING. */
const SERVING = 1;

/** The Temporal server's version; throws when it does not answer within five seconds. */
export async function temporalServerVersion(settings: Settings): Promise<string> {
  return withConnection(
    settings,
    async ({ connection }) => (await connection.workflowService.getSystemInfo({})).serverVersion ?? '',
  );
}

/** What Temporal's health service says of its frontend, and at which address. */
export async function temporalServingState(settings: Settings): Promise<{ address: string; serving: boolean }> {
  const { connectionOptions } = await temporalConnectConfig(settings);
  const address = connectionOptions.address ?? 'localhost:7233';
  const answer = await withConnection(settings, ({ connection }) =>
    connection.healthService.check({ service: 'temporal.api.workflowservice.v1.WorkflowService' }),
  );
  return { address, serving: answer.status === SERVING };
}

/**
 * Seconds since a worker last asked for work on the installation's task queue; null when none has within five minutes.
 * A worker that is alive but cut off from Temporal shows here, and nowhere else.
 */
export async function secondsSinceLastPoll(settings: Settings): Promise<number | null> {
  return withConnection(settings, async ({ connection, namespace }) => {
    const answer = await connection.workflowService.describeTaskQueue({
      namespace,
      taskQueue: { name: settings.taskQueue },
      taskQueueType: 1,
    });
    const polls = (answer.pollers ?? []).map((poller) => Number(poller.lastAccessTime?.seconds ?? 0));
    return polls.length === 0 ? null : Math.max(0, Math.round(Date.now() / 1000 - Math.max(...polls)));
  });
}

type Connection = Awaited<ReturnType<(typeof import('@temporalio/client'))['Connection']['connect']>>;

/** Opens a connection for one question and closes it. */
async function withConnection<T>(
  settings: Settings,
  work: (opened: { connection: Connection; namespace: string }) => Promise<T>,
): Promise<T> {
  const { Connection } = await import('@temporalio/client');
  const { connectionOptions, namespace } = await temporalConnectConfig(settings);
  const connection = await Connection.connect({ ...connectionOptions, connectTimeout: ANSWER_MAX_MS });
  try {
    return await connection.withDeadline(Date.now() + ANSWER_MAX_MS, () => work({ connection, namespace }));
  } finally {
    await connection.close();
  }
}
