import { readDeliverAlertInput, type DeliverAlertInput, type DeliveryPlan } from '../../contract/alerts.js';
import { wellFormed } from '../../contract/reading.js';
import { recordPlans } from '../../db/alert-deliveries.js';
import { isTakenOn, policyInForce, sinksFor, storedNotice, unfinished, type Post } from './delivery.js';

/** What an attempt may take beyond the sink's own time: reading, redacting, recording. */
const SEND_SPARE_MS = 15_000;

/** Decides by which sinks the notice goes, once; asked again, it names those that are not finished. */
export async function planDelivery(post: Post, given: DeliverAlertInput): Promise<DeliveryPlan> {
  const { db, now } = post;
  const key = wellFormed(readDeliverAlertInput(given));
  const [stored, alerts] = [await storedNotice(db, key), await policyInForce(post)];
  const isPlanned = isTakenOn(stored.deliveries, key);
  if (!isPlanned) await recordPlans(db, [{ ...key, sinks: sinksFor(stored, alerts) }], now());
  // Another delivery may have planned it in the meantime: what was recorded first stands.
  const { deliveries } = isPlanned ? stored : await storedNotice(db, key);
  return {
    code: stored.alert.code,
    sinks: unfinished(deliveries, key),
    timeoutMs: alerts.timeout_seconds * 1_000 + SEND_SPARE_MS,
    retryFirstMs: alerts.retry_first_seconds * 1_000,
    retryLongestMs: alerts.retry_longest_seconds * 1_000,
  };
}
