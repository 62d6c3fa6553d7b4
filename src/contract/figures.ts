import { z } from 'zod';
import { D, toText } from '../domain/money.js';
import { figureShape, unitsOrNoneShape } from '../domain/shapes.js';

/*
 * Figures of bookings and rulings, beside the shapes of domain/shapes.ts. Not for workflows, which share their modules frozen.
 */

/** What a ruling says an action really was: cash a share, or new shares for one old share. */
export const ruledValue = figureShape(/^\d{1,9}(\.\d{1,12})?$/, 'must be a plain decimal number').refine(
  (text) => D(text).gt(0),
  'must be above 0',
);
/** Units that may be none. */
export const unitsOrZero = unitsOrNoneShape();
/** A tax: what part of an amount is kept back. */
export const withholding = figureShape(/^0(\.\d{1,6})?$/, 'must be a fraction from 0 to 0.5, such as 0.15').refine(
  (text) => D(text).lte('0.5'),
  'must be at most 0.5',
);
/** `7`, `1.5`, `1/4` or `3:2`, as a decimal. */
export const ratio = figureShape(
  /^\d{1,6}(\.\d{1,8})?([/:]\d{1,6})?$/,
  'must be new shares for one old share, such as 7, 1.5, 1/4 or 3:2',
)
  .refine((text) => text.split(/[/:]/).every((part) => Number(part) > 0), { error: 'must be above 0', abort: true })
  .transform((text) => {
    const [over = '1', under = '1'] = text.split(/[/:]/);
    return toText(D(over).div(D(under)));
  });

/** Which of several payments of one ex-date. */
export const dividendType = z.enum(['regular', 'special', 'return_of_capital'], {
  error: 'must be regular, special or return_of_capital',
});
/** A part of a cost. */
export const costShare = figureShape(
  /^(0(\.\d{1,10})?|1(\.0{1,10})?)$/,
  'must be a fraction from 0 to 1 with at most 10 decimals, such as 0.2135',
).transform((text) => toText(D(text)));
