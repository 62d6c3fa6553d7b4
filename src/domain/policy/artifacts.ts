import { z } from 'zod';
import { dayNumber } from '../dates.js';
import type { IsoDate } from '../types.js';

/** Days after its trading day that a rendered file is kept; null for ever. A month at least: the day may still be amended. */
const keepDays = z.number().int().min(31).max(36_500).nullable();

/** Kinds of rendered files with a time of their own. Raw answers of providers and histories of days are kept for ever. */
export const artifactsSchema = z
  .strictObject({
    keep_days: z
      .strictObject({
        runs: keepDays.default(400),
        reports: keepDays.default(400),
        tickets: keepDays.default(null),
        signals: keepDays.default(null),
        alerts: keepDays.default(400),
      })
      .prefault({}),
  })
  .prefault({});

export type KeepDays = z.infer<typeof artifactsSchema>['keep_days'];
export type ArtifactKind = keyof KeepDays;

/** Whether a file of a trading day is past its time on `today` (both UK dates). */
export function isPastKeeping(keep: KeepDays, kind: ArtifactKind, tradingDay: IsoDate, today: IsoDate): boolean {
  const days = keep[kind];
  return days !== null && dayNumber(today) - dayNumber(tradingDay) > days;
}
