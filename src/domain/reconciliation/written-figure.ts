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
 */
export function readFigure(written: string): FigureRead {
  const text = written.replaceAll(/^[\s\u202F]+|[\s\u202F]+$/g, '');
  if (PLAIN.test(text)) return { figure: text };
  if (WITH_COMMAS.test(text) || WITH_SPACES.test(text))
    return { figure: text.replaceAll(',', '').replaceAll(HARD_SPACES, '') };
  if (text === '') return { rule: 'must be a figure, and nothing stands there' };
  if (/^[-+\u2212]/.test(text)) return { rule: 'must be a figure of 0 or more without a sign' };
  if (/^[\d.,\u00A0\u202F\u2007\u2009]+$/.test(text))
    return { rule: 'may be read in more than one way: must be plain, such as 1234.56, with a point before decimals' };
  return { rule: 'must be a plain figure, such as 1234.56' };
}
