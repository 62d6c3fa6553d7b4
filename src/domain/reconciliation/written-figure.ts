import type { z } from 'zod';
import { D, toText } from '../money.js';
import { amountShape, unitsOrNoneShape } from '../shapes.js';
import { IN_OUR_WORDS } from '../shape-words.js';

/** A figure as somebody wrote it: in plain text, or the rule that says why it is not read. */
export type FigureRead = { figure: string } | { rule: string };

/** Spaces that nobody types and programs put between thousands: no-break, narrow no-break, figure and thin space. */
export const HARD_SPACES = /[\u00A0\u202F\u2007\u2009]/g;

const PLAIN = /^\d+(\.\d+)?$/;
/** Thousands in commas: only where a point follows, or a second comma, can the comma not be a decimal one. */
const WITH_COMMAS = /^[1-9]\d{0,2}(,\d{3})+\.\d+$|^[1-9]\d{0,2}(,\d{3}){2,}$/;
const WITH_SPACES = /^[1-9]\d{0,2}([\u00A0\u202F\u2007\u2009]\d{3})+(\.\d+)?$/;

/**
 * Reads a figure that can be read in one way only: `1234.56`, `1,234.56`, `1 234.56` with hard spaces. `1.234,56` and
 * `1,234` mean one thing in London and another in Berlin; which it was, the writer says and nobody guesses.
 * @param rule what is said of anything else: what the figure must be, its bounds included
 */
export function readFigure(written: string, rule: string): FigureRead {
  const text = written.replaceAll(/^[\s\u202F]+|[\s\u202F]+$/g, '');
  if (PLAIN.test(text)) return { figure: text };
  if (WITH_COMMAS.test(text) || WITH_SPACES.test(text))
    return { figure: text.replaceAll(',', '').replaceAll(HARD_SPACES, '') };
  if (text === '') return { rule: 'must be a figure, and nothing stands there' };
  if (/^[\d.,\u00A0\u202F\u2007\u2009]+$/.test(text))
    return { rule: 'may be read in more than one way: must be plain, such as 1234.56, with a point before decimals' };
  return { rule };
}

/** Units as somebody wrote them, as `readFigure` reads them; 0 says that nothing is held. */
export function readUnits(written: string): FigureRead {
  const read = readFigure(written, ruleOf(unitsOrNoneShape()));
  if ('rule' in read) return read;
  const units = unitsOrNoneShape().safeParse(read.figure, IN_OUR_WORDS);
  return units.success
    ? { figure: toText(D(units.data)) }
    : { rule: units.error.issues[0]?.message ?? 'must be units' };
}

/** What a figure of the shape must be, whatever else it is. */
const ruleOf = (shape: z.ZodType): string =>
  shape.safeParse(undefined, IN_OUR_WORDS).error?.issues[0]?.message ?? 'must be a figure';

const SIGNS: Record<string, string | undefined> = { GBP: '£', USD: '$', EUR: '€' };

/** Cash as somebody wrote it, in the currency of the account, whose sign may stand before it. */
export function readCash(written: string, baseCurrency: string): FigureRead {
  const [, sign, rest = ''] = /^\s*([£$€])?(.*)$/s.exec(written) ?? [];
  if (sign !== undefined && sign !== SIGNS[baseCurrency])
    return { rule: `must be in the currency of the account, ${baseCurrency}` };
  const read = readFigure(rest, ruleOf(amountShape()));
  if ('rule' in read) return read;
  const amount = amountShape().safeParse(read.figure, IN_OUR_WORDS);
  return amount.success ? { figure: amount.data } : { rule: amount.error.issues[0]?.message ?? 'must be an amount' };
}
