import { z } from 'zod';
import { name, reason } from './input.js';

/** Records that somebody has seen an alert, and why it may rest. */
export const acknowledgeAlertSchema = z.strictObject({
  /** The account under whose clock it is acknowledged. */
  account: name,
  /** Its id, or at least the first eight characters of it. */
  alertId: name,
  reason,
});
export type AcknowledgeAlert = z.input<typeof acknowledgeAlertSchema>;
