import { z } from 'zod';
import { DEFAULTS } from './defaults.js';

/** Opens an account: in policy.yml and in the database. */
export const openAccountSchema = z.strictObject({
  account: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,30}$/, 'must be lower-case letters, digits and dashes, starting with a letter'),
  /** Currency its cash is held in. */
  baseCurrency: z.enum(['GBP', 'USD', 'EUR']),
  clock: z.enum(['real', 'simulated']).default(DEFAULTS.clock),
});
export type OpenAccount = z.input<typeof openAccountSchema>;
