import type { ApplicationFailure } from '@temporalio/common';
import { allHandlersFinished, condition, workflowInfo } from '@temporalio/workflow';
import type { Alert } from '../contract/alerts.js';
import { quick } from './activity-proxies.js';
import { forgedDayAlert } from './day-alerts.js';
import { receiveMessages, type DayInbox } from './day-inbox.js';

/**
 * Ends a day that cannot be: whoever asks it for something meanwhile is told so, and people hear of it once. A message
 * may come at any moment until then, and must find somebody who answers it: a day that waits for a handler which waits
 * for the day never ends.
 * @param refuseNext refuses the oldest message that waits.
 * @param alertOf what people are told once those that came are answered; null for nothing.
 */
export async function endRefused(
  inbox: Pick<DayInbox, 'isEmpty'>,
  refuseNext: () => Promise<void>,
  alertOf: () => Alert | null,
): Promise<void> {
  await answerAll();
  const alert = alertOf();
  if (alert) await quick.raiseAlert.executeWithOptions({ summary: `${alert.code}: ${alert.subject}` }, [alert]);
  await answerAll();

  async function answerAll(): Promise<void> {
    do {
      while (!inbox.isEmpty()) await refuseNext();
      await condition(() => !inbox.isEmpty() || allHandlersFinished());
    } while (!inbox.isEmpty());
  }
}

/**
 * A day that cannot be as it was started, by whoever did so around the program: of nothing that it was sent with can
 * anything be made, so that it is known by its id. One to which nobody says anything ends, and that is all.
 * @throws ApplicationFailure the failure, for good
 */
export async function refuseDay(failure: ApplicationFailure): Promise<never> {
  let isAsked = false;
  const asked = () => Promise.resolve(void (isAsked = true));
  const view = () => {
    throw failure;
  };
  const inbox = receiveMessages({
    view,
    refused: asked,
    crowdedOut: asked,
    isClosing: () => false,
    isLong: () => false,
  });
  const refuseNext = async () => {
    await inbox.next(null, '');
    inbox.refuse(failure);
    await asked();
  };
  const { workflowId } = workflowInfo();
  await endRefused(inbox, refuseNext, () =>
    isAsked ? forgedDayAlert(workflowId, failure, new Date().toISOString()) : null,
  );
  throw failure;
}
