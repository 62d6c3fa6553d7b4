import { z } from 'zod';
import { isInstant, isIsoDate } from './dates.js';
import { DEPTH_RULE, isTooDeep } from './depth.js';
import { D } from './money.js';
import { isPlainText, NOTES_MAX, REASON_MAX } from './text.js';
import { IN_OUR_WORDS } from './shape-words.js';

/*
 * The one shape of each thing that is said to the system, whoever says it through which door. Each is made anew by a
 * function: all workflows of a worker share this module frozen, and a schema of zod changes when it is first used. So
 * do the expressions of zod's own formats (z.uuid, z.iso), which are not used here for that reason.
 */

const isPositive = (text: string): boolean => D(text).gt(0);

const SYMBOL_RULE = 'must be a symbol in capital letters, such as AAPL or BRK.B';
/** Internal symbols: capital letters and digits, parts joined by dot or dash, at most 15 characters. */
const SYMBOL = /^(?=.{1,15}$)[A-Z][A-Z0-9]*([.-][A-Z0-9]+)*$/;
export const symbolShape = () => z.string({ error: SYMBOL_RULE }).refine((text) => SYMBOL.test(text), SYMBOL_RULE);

/** The id of a ticket, a run, an entry of the audit log. */
export const isUuid = (text: string): boolean => /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(text);
/** Whether it may be the beginning of an id, long enough to be meant: at least its first eight characters. */
export const isBeginningOfId = (text: string): boolean =>
  text.length >= 8 && isUuid(text + '00000000-0000-0000-0000-000000000000'.slice(text.length));
export const uuidShape = (rule = 'must be a UUID') => z.string({ error: rule }).refine(isUuid, rule);

const INSTANT_RULE = 'must be a time with offset, such as 2026-11-23T14:41:00+00:00';
/** An instant that exists, with its offset; seconds may be left out. */
export const instantShape = () => z.string({ error: INSTANT_RULE }).refine(isInstant, INSTANT_RULE);

const DATE_RULE = 'must be a date that exists, YYYY-MM-DD';
export const dateShape = () => z.string({ error: DATE_RULE }).refine(isIsoDate, { error: DATE_RULE, abort: true });

/** Figures of a form, as text: what is missing, or no text, breaks the same rule as what has another form. */
export const figureShape = (form: RegExp, rule: string) =>
  z.string({ error: rule }).regex(form, { error: rule, abort: true });

const moneyShape = (size: string) =>
  figureShape(
    /^\d{1,12}(\.\d{1,2})?$/,
    `must be an amount ${size} with at most 2 decimals, such as 1000.50, without signs, commas or exponents`,
  );

/** Money of at most 12 digits before the point and pennies after it, plain notation, zero or more. */
export const amountShape = () => moneyShape('of 0 or more');
/** Money above zero, of the same digits. */
export const positiveAmountShape = () => moneyShape('above 0').refine(isPositive, 'must be above 0');

/** Units above zero, at most 9 digits before the point and 6 after it. */
export const unitsShape = () =>
  figureShape(
    /^\d{1,9}(\.\d{1,6})?$/,
    'must be units above 0 with at most 6 decimals, such as 2.5, without signs, commas or exponents',
  ).refine(isPositive, 'must be above 0: leave out what is not held');

/** Units that may be none, of the same digits. */
export const unitsOrNoneShape = () =>
  figureShape(
    /^\d{1,9}(\.\d{1,6})?$/,
    'must be units of 0 or more with at most 6 decimals, such as 2.5, without signs, commas or exponents',
  );

/** A rate or a price a share, above zero. */
export const rateShape = () =>
  figureShape(/^\d{1,9}(\.\d{1,10})?$/, 'must be a number above 0 with at most 10 decimals, such as 1.4123').refine(
    isPositive,
    'must be above 0',
  );

/** Symbols of one snapshot or baseline. */
const SYMBOLS_MAX = 500;

/**
 * Figures by symbol, each of its shape. A `__proto__` is refused like any other name that is no symbol, where zod's own
 * record would drop it without a word: no position may get lost.
 */
export const bySymbolShape = (figure: z.ZodType<string>) =>
  z
    .unknown()
    .superRefine((value, context) => {
      if (typeof value !== 'object' || value === null || Array.isArray(value))
        return context.addIssue({ code: 'custom', message: 'must be figures by symbol' });
      const named = Object.entries(value);
      if (named.length > SYMBOLS_MAX)
        return context.addIssue({ code: 'custom', message: `must be at most ${SYMBOLS_MAX} symbols` });
      for (const [symbol, text] of named) {
        const rule = figure.safeParse(text, IN_OUR_WORDS).error?.issues[0]?.message;
        if (!SYMBOL.test(symbol))
          context.addIssue({ code: 'custom', path: [symbol], message: SYMBOL_RULE, params: { value: symbol } });
        if (rule !== undefined) context.addIssue({ code: 'custom', path: [symbol], message: rule });
      }
    })
    .transform((value) => value as Record<string, string>) as unknown as z.ZodType<
    Record<string, string>,
    Record<string, string>
  >;

/** A ticket has at most some hundred lines. */
export const FILLS_MAX = 1_000;
const FILLS_RULE = 'must be a list of fills, or an object with a list "fills"';
/** The fills of one answer: a list, whatever its items say, that may be written down again. */
export const fillsShape = <Fill>() =>
  z.array(z.custom<Fill>(), FILLS_RULE).superRefine((fills, context) => {
    const { length } = fills;
    if (isTooDeep(fills)) context.addIssue({ code: 'custom', message: DEPTH_RULE });
    if (length > FILLS_MAX)
      context.addIssue({
        code: 'custom',
        message: `must have at most ${FILLS_MAX} items`,
        params: { value: length },
      });
  });

/** Name of an account or an operator: whether there is one of that name is a rule of its own. */
export const nameShape = () =>
  z.string({ error: 'must be a name' }).trim().min(1, 'must be a name').max(200, 'must be at most 200 characters');

/** A name that is kept as it stands, without being looked up. */
export const plainNameShape = () =>
  nameShape().refine((text) => isPlainText(text, { lines: false }), 'must be plain text on one line');

/** What the sender of a command calls it, so that a repeat is the same command. */
export const commandIdShape = plainNameShape;

/** Why somebody does something: plain text that says so. */
export const reasonShape = () =>
  z
    .string({ error: 'must say why' })
    .max(REASON_MAX, `must be at most ${REASON_MAX} characters`)
    .refine((text) => isPlainText(text, { lines: true }), 'must be plain text')
    .refine((text) => text.trim() !== '', 'must say why');

/** What somebody adds in their own words. */
export const notesShape = ({ lines }: { lines: boolean }) =>
  z
    .string()
    .max(NOTES_MAX, `must be at most ${NOTES_MAX} characters`)
    .refine((text) => isPlainText(text, { lines }), lines ? 'must be plain text' : 'must be plain text on one line');
