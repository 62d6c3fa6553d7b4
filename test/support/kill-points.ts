import type { Client } from '@temporalio/client';
import { execa } from 'execa';
import { join } from 'node:path';
import { repositoryRoot } from '../../src/runtime/paths.js';
import type { Installation } from './stack.js';

/** Where a worker dies: at the n-th activity of a workflow, `tradingDay/confirm#7`, and at which of its boundaries. */
export interface Kill {
  step: string;
  point: 'before' | 'committed' | 'reported';
}

/** Starts test/support/faulty-worker.mjs. @returns its end and the way to end it. */
export function startFaultyWorker(installation: Installation, { step, point }: Kill) {
  const child = execa(process.execPath, [join(repositoryRoot, 'test', 'support', 'faulty-worker.mjs')], {
    env: { ...installation.env, FAULT_STEP: step, FAULT_POINT: point, LOG_LEVEL: 'warn' },
    extendEnv: false,
    cwd: repositoryRoot,
    reject: false,
    all: true,
  });
  return {
    ended: child.then(({ signal, all }) => ({ signal: signal ?? null, log: all })),
    kill: async () => {
      child.kill('SIGKILL');
      await child;
    },
  };
}

/**
 * Every activity that the workflows of a namespace scheduled, in the order of time, as faulty-worker names them:
 * `tradingDay/confirm#7`.
 */
export async function activitySteps(client: Client): Promise<string[]> {
  const steps: { name: string; at: number }[] = [];
  for await (const { workflowId, runId, type } of client.workflow.list()) {
    const { events } = await client.workflow.getHandle(workflowId, runId).fetchHistory();
    for (const { eventTime, activityTaskScheduledEventAttributes: scheduled } of events ?? []) {
      const at = Number(eventTime?.seconds ?? 0) * 1_000 + Number(eventTime?.nanos ?? 0) / 1e6;
      if (scheduled?.activityType?.name)
        steps.push({ name: `${type}/${scheduled.activityType.name}#${scheduled.activityId}`, at });
    }
  }
  return steps.toSorted((one, other) => one.at - other.at).map(({ name }) => name);
}
