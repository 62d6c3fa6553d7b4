import { z } from 'zod';
import { name, notes } from './input.js';

/** Which schedules: those of a rehearsal of one simulated account, or (null) those that all real accounts share. */
const rehearsal = name.nullable().default(null);

export const pauseSchedulesSchema = z.strictObject({
  account: rehearsal,
  /** `run-0800`, or `0800` for short; none: both runs. */
  schedules: z.array(name).max(20, 'must be at most 20'),
  /** Why: kept with each schedule. */
  reason: notes,
});
export type PauseSchedules = z.input<typeof pauseSchedulesSchema>;

export const rehearsalSchema = z.strictObject({ account: rehearsal });
/** Which schedules to register, or to remove. */
export type Rehearsal = z.input<typeof rehearsalSchema>;
