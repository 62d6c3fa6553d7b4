import type { Client, WorkflowHandle } from '@temporalio/client';
import type { SearchAttributePair } from '@temporalio/common';
import { isTemporalError } from './temporal-error.js';

/** A workflow as it is asked for: the id makes whoever asks second wait for the same one. */
export interface AskedWorkflow {
  type: string;
  workflowId: string;
  taskQueue: string;
  args: unknown[];
  staticSummary: string;
  typedSearchAttributes?: SearchAttributePair[];
}

/** Starts a workflow and does not wait for it; whoever comes second with the same id gets the first one. */
export async function startWorkflow(client: Client, { type, ...options }: AskedWorkflow): Promise<WorkflowHandle> {
  try {
    return await client.workflow.start(type, options);
  } catch (error) {
    if (!isTemporalError(error, 'WorkflowExecutionAlreadyStartedError')) throw error;
    return client.workflow.getHandle(options.workflowId);
  }
}

/** The same, and waits for its result. */
export const runWorkflow = async <Reply>(client: Client, asked: AskedWorkflow): Promise<Reply> =>
  (await (await startWorkflow(client, asked)).result()) as Reply;
