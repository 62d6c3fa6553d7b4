import { z } from 'zod';
import { exposureOf } from '../exposure.js';

/** An address, or a range of them by its leading bits. */
const ADDRESS = /^(?:\d{1,3}(?:\.\d{1,3}){3}(?:\/(?:[12]?\d|3[0-2]))?|[\da-f:]*:[\da-f:]*(?:\/\d{1,3})?)$/;

/** How the operators' web page works. No key has a default, so that a policy without it keeps its hash. */
export const deskSchema = z.strictObject({
  /** Whether Reconcile shows what the ledger expects before it is typed. */
  reconcile: z.enum(['prefilled', 'blind'], 'must be prefilled or blind').optional(),
  /** Where other machines find it; no other address is answered to then. None where it is left out. */
  public_url: z
    .string()
    .refine(
      (text) => exposureOf(text) !== null,
      'must be https:// and a name, with a path where it has one, such as https://desk.example.org/trading',
    )
    .nullable()
    .optional(),
  /** Whose word on the address of a browser is taken; nobody's where it is left out. */
  trusted_proxies: z.array(z.string().regex(ADDRESS, 'must be an address, or a range such as 10.0.0.0/8')).optional(),
});
