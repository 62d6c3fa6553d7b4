import { z } from 'zod';
import { nameShape, reasonShape } from '../domain/shapes.js';

/** Which schedules: those of a rehearsal of one simulated account, or (null) those that all real accounts share. */
const rehearsal = nameShape().nullable().default(null);

export const pauseSchedulesSchema = z.strictObject({
  account: rehearsal,
  /** `run-0800`, or `0800` for short; none: both runs. */
  schedules: z.array(nameShape()).max(20, 'must be at most 20'),
  /** Why: kept with each schedule. */
  reason: reasonShape(),
});
export type PauseSchedules = z.input<typeof pauseSchedulesSchema>;

export const rehearsalSchema = z.strictObject({ account: rehearsal });
/** Which schedules to register, or to remove. */
export type Rehearsal = z.input<typeof rehearsalSchema>;

export const triggerScheduleSchema = z.strictObject({ account: rehearsal, schedule: nameShape() });
export type TriggerSchedule = z.input<typeof triggerScheduleSchema>;

const text = z.string();
/** Days and slot are read by the rule that says which runs were due. */
export const backfillSchema = z.strictObject({ account: rehearsal, from: text, to: text, slot: text.nullable() });
/** The days whose runs are made up for; a slot, or (null) both. */
export type Backfill = z.input<typeof backfillSchema>;
