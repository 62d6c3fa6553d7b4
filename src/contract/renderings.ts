import { z } from 'zod';
import { nameShape } from '../domain/shapes.js';

/** Writes files of what is stored once more, byte for byte. */
export const writeAgainSchema = z.strictObject({
  kind: z.enum(['run', 'ticket', 'reconciliation', 'day', 'alert', 'quality', 'statement']),
  /** The id of one, or a trading day: then every one of that day. */
  which: z.string(),
  /** Only of this account (default: of all). */
  account: nameShape().nullable().default(null),
});
export type WriteAgain = z.input<typeof writeAgainSchema>;
