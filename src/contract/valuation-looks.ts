import { z } from 'zod';
import { DEFAULTS } from './defaults.js';

/** How far back the values of an account are looked at, up to the newest: months, the calendar year, or all of it. */
export const VALUE_RANGES = ['1m', '3m', 'ytd', '1y', 'all'] as const;
export type ValueRange = (typeof VALUE_RANGES)[number];

/** Looks at what an account was worth, day by day. */
export const readValuesSchema = z.object({
  range: z.enum(VALUE_RANGES, { error: `must be one of ${VALUE_RANGES.join(', ')}` }).default(DEFAULTS.range),
});
export type ReadValues = z.input<typeof readValuesSchema>;
