import { z } from 'zod';

export const copyRecordSchema = z.strictObject({
  place: z.string(),
  encrypted: z.boolean(),
  copiedAt: z.iso.datetime(),
  files: z.array(z.strictObject({ name: z.string(), bytes: z.number().int(), sha256: z.string() })),
});

/** What is known on this machine of a backup's copy: written once it was read back and found the same. */
export type CopyRecord = z.infer<typeof copyRecordSchema>;

/** Name of the record beside the dump. */
export const copyRecordName = (dump: string): string => `${dump}.copy.json`;
