import { z } from 'zod';
import { dateShape, positiveAmountShape } from '../domain/shapes.js';
import { bounded } from '../domain/text.js';
import { DEFAULTS } from './defaults.js';
import { read, type Reading } from './reading.js';

/** Basis points that a cost may be: a hundredth of a per cent up to ten per cent. */
const bps = z
  .string()
  .regex(/^\d{1,3}(\.\d{1,2})?$/, { error: 'must be basis points from 0 to 999.99, such as 10', abort: true })
  .transform(Number);

/** What it costs to trade with the pessimistic broker alone. */
const COSTS = ['slippageBps', 'fxSpreadBps'] as const;

const walkSchema = z
  .strictObject({
    /** First and last trading day. */
    from: dateShape(),
    to: dateShape(),
    cash: positiveAmountShape().default(DEFAULTS.simulatedCash),
    /** How the broker fills: worse than the open, or at it, as the broker of `simulate` does. */
    broker: z.enum(['pessimistic', 'open'], { error: 'must be pessimistic or open' }).default('pessimistic'),
    /** What the pessimistic broker costs; the usual where it is left out. */
    slippageBps: bps.optional(),
    fxSpreadBps: bps.optional(),
    /** Whether the same is walked from other start days and at twice the costs. */
    sensitivity: z.boolean().default(false),
    /** Sessions after which the household resets a kill switch, the loss accepted; null: nobody does. */
    resetAfter: z
      .string()
      .regex(/^[1-9]\d{0,3}$/, { error: 'must be a number of sessions from 1 to 9999', abort: true })
      .transform(Number)
      .nullable()
      .default(null),
    /** Variants that were tried before and of which no report lies in the folder. */
    tried: z
      .string()
      .regex(/^\d{1,6}$/, { error: 'must be a whole number of variants, 0 or more', abort: true })
      .transform(Number)
      .default(0),
  })
  .refine(({ from, to }) => to >= from, {
    path: ['to'],
    error: ({ input }) => `must not be before --from, ${bounded((input as { from: string }).from)}`,
  })
  .superRefine(({ broker, ...costs }, { addIssue }) => {
    const given = COSTS.filter((cost) => broker === 'open' && costs[cost] !== undefined);
    for (const cost of given)
      addIssue({ code: 'custom', path: [cost], message: 'must go with --broker pessimistic: open has no costs' });
  })
  .transform(({ slippageBps = DEFAULTS.slippageBps, fxSpreadBps = DEFAULTS.fxSpreadBps, ...rest }) => ({
    ...rest,
    slippageBps,
    fxSpreadBps,
  }));

/** Asks for a walk of the rules in memory. */
export type WalkAsked = z.input<typeof walkSchema>;
export type WalkRead = z.infer<typeof walkSchema>;

/** Reads what is walked, and by which broker; never throws. */
export const readWalk = (sent: unknown): Reading<WalkRead> =>
  read(walkSchema, sent, { whole: 'walk', code: 'SIMULATION_INVALID', remedy: null });
