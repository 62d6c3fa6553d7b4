import { z } from 'zod';
import { dateShape, positiveAmountShape } from '../domain/shapes.js';
import { bounded } from '../domain/text.js';
import { DEFAULTS } from './defaults.js';
import { read, type Reading } from './reading.js';

const simulateSchema = z
  .strictObject({
    /** First and last trading day. */
    from: dateShape(),
    to: dateShape(),
    cash: positiveAmountShape().default(DEFAULTS.simulatedCash),
  })
  .refine(({ from, to }) => to >= from, {
    path: ['to'],
    error: ({ input }) => `must not be before --from, ${bounded((input as { from: string }).from)}`,
  });

/** Drives the sessions of a time past with a simulated broker and operator. */
export type Simulate = z.input<typeof simulateSchema>;
export type SimulatedTime = z.infer<typeof simulateSchema>;

/** Reads which days are simulated; never throws. */
export const readSimulate = (sent: unknown): Reading<SimulatedTime> =>
  read(simulateSchema, sent, { whole: 'simulation', code: 'SIMULATION_INVALID', remedy: null });
