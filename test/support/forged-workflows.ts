import { proxyActivities, workflowInfo } from '@temporalio/workflow';

/** What a forged run asks of the installation: an input as somebody likes, on the installation's task queue. */
export interface Forgery {
  taskQueue: string;
  input: Record<string, unknown>;
}

/** Begins a run with an input that no workflow of ours would give; what it leaves out of its own id is filled in. */
const begin = ({ taskQueue, input }: Forgery): Promise<unknown> => {
  const { beginRun } = proxyActivities<{ beginRun(given: unknown): Promise<unknown> }>({
    taskQueue,
    startToCloseTimeout: '1 minute',
    heartbeatTimeout: '10 seconds',
  });
  return beginRun({ workflowId: workflowInfo().workflowId, ...input });
};

export const morningRun = begin;
export const somethingElse = begin;
