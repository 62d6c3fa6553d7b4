import { z } from 'zod';
import { dateShape, nameShape, reasonShape, symbolShape } from '../domain/shapes.js';
import { ruledValue } from './figures.js';

/** Says what a published split or dividend really was; the newest ruling counts, for every account. */
export const ruleActionSchema = z.strictObject({
  /** The account under whose clock it is ruled. */
  account: nameShape(),
  symbol: symbolShape(),
  exDate: dateShape(),
  /** As it was published. */
  kind: z.enum(['SPLIT', 'DIVIDEND']),
  /** What it really was; `ignore`: nothing happened. */
  as: z.enum(['cash_dividend', 'split', 'ignore']),
  /** Cash a share, or new shares for one old share (default: as published). */
  value: ruledValue.nullable().default(null),
  reason: reasonShape(),
});
export type RuleAction = z.input<typeof ruleActionSchema>;
