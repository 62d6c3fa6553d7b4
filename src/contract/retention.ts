import { z } from 'zod';
import { name } from './input.js';

/** Removes rendered files that are past their time. */
export const removePastFilesSchema = z.strictObject({
  /** The account under whose clock ages are counted. */
  account: name,
});
export type RemovePastFiles = z.input<typeof removePastFilesSchema>;
