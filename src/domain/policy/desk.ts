import { z } from 'zod';
import { exposureOf } from '../exposure.js';

/** An address, or a range of them by its leading bits. */
const ADDRESS = /^(?:\d{1,3}(?:\.\d{1,3}){3}(?:\/(?:[12]?\d|3[0-2]))?|[\da-f:]*:[\da-f:]*(?:\/\d{1,3})?)$/;

/** How the desk is reached from other machines. */
export const deskSchema = z.strictObject({
  /** No other address is answered to; null for none. */
  public_url: z
    .string()
    .refine(
      (text) => exposureOf(text) !== null,
      'must be https:// and a name, with a path where it has one, such as https://desk.example.org/trading',
    )
    .nullable()
    .default(null),
  /** Whose word on the address of a browser is taken. */
  trusted_proxies: z.array(z.string().regex(ADDRESS, 'must be an address, or a range such as 10.0.0.0/8')).default([]),
});
