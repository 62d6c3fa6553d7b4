import { z } from 'zod';
import { dateShape, nameShape, reasonShape, symbolShape } from '../domain/shapes.js';
import { dividendType, ruledValue } from './figures.js';

/** The action or jump that is ruled on. */
const ruledOn = {
  /** The account under whose clock it is ruled. */
  account: nameShape(),
  symbol: symbolShape(),
  exDate: dateShape(),
  /** As it was published; `JUMP`: nothing was, and the price moved. */
  kind: z.enum(['SPLIT', 'DIVIDEND', 'JUMP']),
  /** Which of several dividends of one ex-date. */
  type: dividendType.default('regular'),
  /** Cash a share, or new shares for one old share (default: as published). */
  value: ruledValue.nullable().default(null),
};
const typeHasDividend = ({ kind, type }: { kind: string; type: string }) => kind === 'DIVIDEND' || type === 'regular';
const TYPE = { path: ['type'], message: 'must be left out: only a dividend has a type' };

/** Looks at what each ruling would do, before one is chosen. */
export const lookAtRulingSchema = z.strictObject(ruledOn).refine(typeHasDividend, TYPE);
export type LookAtRuling = z.input<typeof lookAtRulingSchema>;

/**
 * Says what a published split or dividend, or a jump of the price, really was; the newest ruling counts, for every
 * account.
 */
export const ruleActionSchema = z
  .strictObject({
    ...ruledOn,
    /** What it really was; `ignore`: nothing happened; `genuine`: the price moved so. */
    as: z.enum(['cash_dividend', 'split', 'ignore', 'genuine']),
    reason: reasonShape(),
  })
  .refine(typeHasDividend, TYPE);
export type RuleAction = z.input<typeof ruleActionSchema>;
