import { WorkflowExecutionAlreadyStartedError, type Client } from '@temporalio/client';
import type { SearchAttributePair } from '@temporalio/common';

/** Starts a workflow and waits for its result; whoever comes second with the same id gets the first one's result. */
export async function runWorkflow<Reply>(
  client: Client,
  type: string,
  options: {
    workflowId: string;
    taskQueue: string;
    args: unknown[];
    staticSummary: string;
    typedSearchAttributes?: SearchAttributePair[];
  },
): Promise<Reply> {
  try {
    return (await client.workflow.execute(type, options)) as Reply;
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    return (await client.workflow.getHandle(options.workflowId).result()) as Reply;
  }
}
