import { ActivityFailure } from '@temporalio/common';
import { proxyActivities, setCurrentDetails } from '@temporalio/workflow';
import type { Activities } from '../contract/activities.js';
import {
  readDeliverAlertInput,
  type DeliverAlertInput,
  type DeliverAlertReply,
  type DeliveryPlan,
} from '../contract/alerts.js';
import { quick } from './activity-proxies.js';
import { startedWith } from './started.js';

type Outcome = DeliverAlertReply['sinks'][number];

/** Brings one notice to every sink that wants it; none waits for another, and each is tried until it takes it or is given up. */
export async function deliverAlert(sent: DeliverAlertInput): Promise<DeliverAlertReply> {
  const input = startedWith(readDeliverAlertInput(sent));
  const plan = await quick.planDelivery.executeWithOptions({ summary: 'Decide which sinks are told' }, [input]);
  const outcomes: Outcome[] = [];
  const show = () =>
    setCurrentDetails(
      [
        `**${plan.code}**`,
        ...plan.sinks.map((sink) => `- ${sink}: ${outcomes.find(({ name }) => name === sink)?.answer ?? 'under way'}`),
      ].join('\n\n'),
    );
  show();
  await Promise.all(
    plan.sinks.map(async (sink) => {
      outcomes.push(await bring(input, plan, sink));
      show();
    }),
  );
  return { sinks: outcomes };
}

async function bring(input: DeliverAlertInput, plan: DeliveryPlan, sink: string): Promise<Outcome> {
  const { sendAlert } = proxyActivities<Activities>({
    heartbeatTimeout: '6 seconds',
    startToCloseTimeout: plan.timeoutMs,
    retry: { initialInterval: plan.retryFirstMs, backoffCoefficient: 2, maximumInterval: plan.retryLongestMs },
  });
  try {
    const { answer } = await sendAlert.executeWithOptions({ summary: `Tell ${sink} of ${plan.code}` }, [
      { ...input, sink },
    ]);
    return { name: sink, ok: true, answer };
  } catch (error) {
    if (!(error instanceof ActivityFailure)) throw error;
    const why = error.cause?.message ?? error.message;
    await quick.giveUpAlert.executeWithOptions({ summary: `Give ${sink} up: ${why}` }, [{ ...input, sink, why }]);
    return { name: sink, ok: false, answer: why };
  }
}
