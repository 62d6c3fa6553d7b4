import { z } from 'zod';
import { countShape } from './lists.js';

/** Longest beginning that is looked for: no action or subject of ours is longer. */
const BEGINNING_MAX = 200;
const NUMBER_RULE = 'must be the number of a record';
const recordNumber = () =>
  z
    .string()
    .regex(/^[1-9]\d{0,14}$/, NUMBER_RULE)
    .transform(Number);

/** How a word of the log begins; an empty field of a form asks nothing. */
const beginning = () =>
  z
    .string()
    .max(BEGINNING_MAX, `must be at most ${BEGINNING_MAX} characters`)
    .transform((text) => (text.trim() === '' ? null : text.trim()))
    .nullable()
    .default(null);

/** Looks at a page of the audit log: the newest records, or those before one. */
export const pageAuditSchema = z.object({
  before: recordNumber().nullable().default(null),
  /** Records whose action begins so, such as `ticket` or `facts.recorded`. */
  kind: beginning(),
  /** Records whose subject begins so. */
  subject: beginning(),
  limit: countShape(50),
});
export type PageAudit = z.input<typeof pageAuditSchema>;

/** Looks at one record. */
export const readAuditSchema = z.object({ seq: recordNumber() });
export type ReadAudit = z.input<typeof readAuditSchema>;
