import { z } from 'zod';

/** Ends one session of the desk, by what the list calls it or at least the first eight characters of that, or all. */
export const closeSessionsSchema = z.strictObject({
  session: z
    .string()
    .transform((text) => text.trim().toLowerCase())
    .refine((text) => text === 'all' || /^[0-9a-f]{8,64}$/.test(text), 'must be "all", or 8 to 64 digits and a to f'),
});
export type CloseSessions = z.input<typeof closeSessionsSchema>;
