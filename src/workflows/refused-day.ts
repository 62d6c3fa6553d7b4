import { ApplicationFailure } from '@temporalio/common';
import { allHandlersFinished, condition, workflowInfo } from '@temporalio/workflow';
import type { Refusal } from '../domain/errors.js';
import { quick } from './activity-proxies.js';
import { forgedDayAlert } from './day-alerts.js';
import { receiveMessages } from './day-inbox.js';

/**
 * A day that cannot be as it was started, by whoever did so around the program: who asks it for something gets the
 * refusal, people hear of it once, and it ends.
 * @throws ApplicationFailure with the refusal's code, for good
 */
export async function refuseDay({ code, message, kind, remedy }: Refusal): Promise<never> {
  const failure = ApplicationFailure.nonRetryable(message, code, { kind, remedy });
  const inbox = receiveMessages({
    view: () => {
      throw failure;
    },
    refused: () => Promise.resolve(),
    crowdedOut: () => Promise.resolve(),
    isClosing: () => false,
    isLong: () => false,
  });
  await refuseWaiting();
  const alert = forgedDayAlert(workflowInfo().workflowId, failure, new Date().toISOString());
  await quick.raiseAlert.executeWithOptions({ summary: `${alert.code}: ${alert.subject}` }, [alert]);
  await refuseWaiting();
  await condition(allHandlersFinished);
  throw failure;

  async function refuseWaiting(): Promise<void> {
    while (!inbox.isEmpty()) {
      await inbox.next(null, '');
      inbox.refuse(failure);
    }
  }
}
