import type { Client, WithStartWorkflowOperation } from '@temporalio/client';
import type { Workflow } from '@temporalio/common';
import { DAY_MESSAGES, type ConfirmCommand, type ReconcileCommand } from '../../src/contract/day-messages.js';

export type MessageStep = 'reconcile' | 'confirm';

/** A message on its way to a day, with what its day is started with. */
export interface Sent {
  step: MessageStep;
  command: ReconcileCommand | ConfirmCommand;
  start: WithStartWorkflowOperation<Workflow>;
}

interface UpdateOptions {
  args: [unknown];
  updateId?: string;
  startWorkflowOperation: WithStartWorkflowOperation<Workflow>;
}

/**
 * The client as it is, but whoever sends a snapshot or an answer is heard first.
 * @param before told of each before it is sent; it is sent when that has ended.
 */
export function listening(client: Client, before: (sent: Sent) => Promise<void>): Client {
  let sends = 0;
  const workflow = Object.create(client.workflow) as Client['workflow'];
  const executeUpdateWithStart = async (update: string, options: UpdateOptions) => {
    const step = stepOf(update);
    if (step) {
      const command = options.args[0] as Sent['command'];
      await before({ step, command, start: options.startWorkflowOperation });
    }
    // Temporal keeps what it answered to an id, and would answer alone: each is said under a name of its own.
    const updateId = `${options.updateId ?? update}/${++sends}`;
    return client.workflow.executeUpdateWithStart(update, { ...freshStart(options), updateId });
  };
  Object.defineProperty(workflow, 'executeUpdateWithStart', { value: executeUpdateWithStart });
  const listens = Object.create(client) as Client;
  Object.defineProperty(listens, 'workflow', { value: workflow });
  return listens;
}

function stepOf(update: string): MessageStep | null {
  if (update === DAY_MESSAGES.reconcileUpdate) return 'reconcile';
  return update === DAY_MESSAGES.confirmUpdate ? 'confirm' : null;
}

/** An operation starts once; who sends again needs another of the same. */
function freshStart(options: UpdateOptions): UpdateOptions {
  return { ...options, startWorkflowOperation: again(options.startWorkflowOperation) };
}

type Operation = WithStartWorkflowOperation<Workflow>;

/** The same start once more. */
export function again(operation: Operation): Operation {
  const Start = operation.constructor as new (...args: unknown[]) => Operation;
  return new Start(operation.workflowTypeOrFunc, operation.options);
}

/** Sends a command as an update of its own, and says what came of it. */
export async function sendUpdate(
  client: Client,
  { step, start }: Sent,
  command: unknown,
  id: string,
): Promise<unknown> {
  const update = step === 'reconcile' ? DAY_MESSAGES.reconcileUpdate : DAY_MESSAGES.confirmUpdate;
  return client.workflow.executeUpdateWithStart<Workflow, unknown, [unknown]>(update, {
    args: [command],
    updateId: id,
    startWorkflowOperation: again(start),
  });
}

/** Leaves a command as a signal. */
export async function leaveSignal(client: Client, { step, start }: Sent, command: unknown): Promise<void> {
  const { options } = start;
  const { args = [], ...rest } = options;
  await client.workflow.signalWithStart(String(start.workflowTypeOrFunc), {
    ...rest,
    args: [...args] as unknown[],
    signal: step === 'reconcile' ? DAY_MESSAGES.reconcile : DAY_MESSAGES.confirm,
    signalArgs: [command],
  });
}
