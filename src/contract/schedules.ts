import { z } from 'zod';
import { nameShape, notesShape } from '../domain/shapes.js';

/** Which schedules: those of a rehearsal of one simulated account, or (null) those that all real accounts share. */
const rehearsal = nameShape().nullable().default(null);

export const pauseSchedulesSchema = z.strictObject({
  account: rehearsal,
  /** `run-0800`, or `0800` for short; none: both runs. */
  schedules: z.array(nameShape()).max(20, 'must be at most 20'),
  /** Why: kept with each schedule. */
  reason: notesShape({ lines: true }),
});
export type PauseSchedules = z.input<typeof pauseSchedulesSchema>;

export const rehearsalSchema = z.strictObject({ account: rehearsal });
/** Which schedules to register, or to remove. */
export type Rehearsal = z.input<typeof rehearsalSchema>;
