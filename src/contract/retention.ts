import { z } from 'zod';
import { nameShape } from '../domain/shapes.js';

/** Removes rendered files that are past their time. */
export const removePastFilesSchema = z.strictObject({
  /** The account under whose clock ages are counted. */
  account: nameShape(),
});
export type RemovePastFiles = z.input<typeof removePastFilesSchema>;
