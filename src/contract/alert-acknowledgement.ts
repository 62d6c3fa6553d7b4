import { z } from 'zod';
import { nameShape, reasonShape } from '../domain/shapes.js';

/** Records that somebody has seen an alert, and why it may rest. */
export const acknowledgeAlertSchema = z.strictObject({
  /** The account under whose clock it is acknowledged. */
  account: nameShape(),
  /** Its id, or at least the first eight characters of it. */
  alertId: nameShape(),
  reason: reasonShape(),
});
export type AcknowledgeAlert = z.input<typeof acknowledgeAlertSchema>;
