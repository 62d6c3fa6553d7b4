import { readDeliverAlertInput, type DeliverAlertInput, type DeliveryPlan } from '../../contract/alerts.js';
import { wellFormed } from '../../contract/reading.js';
import { deliveriesOf, recordPlan } from '../../db/alert-deliveries.js';
import { isTakenOn, policyInForce, sinksFor, storedAlert, unfinished, type Post } from './delivery.js';

/** What an attempt may take beyond the sink's own time: reading, redacting, recording. */
const SEND_SPARE_MS = 15_000;

/** Decides by which sinks the notice goes, once; asked again, it names those that are not finished. */
export async function planDelivery(post: Post, given: DeliverAlertInput): Promise<DeliveryPlan> {
  const { db, now } = post;
  const key = wellFormed(readDeliverAlertInput(given));
  const [alert, alerts] = [await storedAlert(db, key.alertId), await policyInForce(post)];
  if (!isTakenOn(await deliveriesOf(db, [key.alertId]), key))
    await recordPlan(db, key, await sinksFor(db, key, alert, alerts), now());
  return {
    code: alert.code,
    sinks: unfinished(await deliveriesOf(db, [key.alertId]), key),
    timeoutMs: alerts.timeout_seconds * 1_000 + SEND_SPARE_MS,
    retryFirstMs: alerts.retry_first_seconds * 1_000,
    retryLongestMs: alerts.retry_longest_seconds * 1_000,
  };
}
