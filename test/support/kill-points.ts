import type { Client } from '@temporalio/client';
import { execa } from 'execa';
import { join } from 'node:path';
import { repositoryRoot } from '../../src/runtime/paths.js';
import type { Installation } from './stack.js';

export type KillPoint = 'before' | 'committed' | 'reported';

/** Starts test/support/faulty-worker.ts. @returns its end (null after SIGKILL) and the way to end it. */
export function startFaultyWorker(installation: Installation, step: string, point: KillPoint) {
  const child = execa(process.execPath, ['--import', 'tsx', join(repositoryRoot, 'test', 'support', 'faulty-worker.ts')], {
    env: { ...installation.env, FAULT_STEP: step, FAULT_POINT: point, LOG_LEVEL: 'warn' },
    extendEnv: false, cwd: repositoryRoot, reject: false, all: true,
  });
  return {
    ended: child.then(({ signal, all }) => ({ signal: signal ?? null, log: all })),
    kill: async () => {
      child.kill('SIGKILL');
      await child;
    },
  };
}

/** Every activity that the workflows of a namespace have scheduled, as faulty-worker names them: `tradingDay/confirm#1`. */
export async function activitySteps(client: Client): Promise<string[]> {
  const seen = new Map<string, number>();
  const steps: string[] = [];
  for await (const { workflowId, runId, type } of client.workflow.list()) {
    const { events } = await client.workflow.getHandle(workflowId, runId).fetchHistory();
    for (const event of events ?? []) {
      const activity = event.activityTaskScheduledEventAttributes?.activityType?.name;
      if (!activity) continue;
      const name = `${type}/${activity}`;
      seen.set(name, (seen.get(name) ?? 0) + 1);
      steps.push(`${name}#${seen.get(name)}`);
    }
  }
  return steps;
}
