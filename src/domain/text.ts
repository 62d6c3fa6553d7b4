/*
 * What a text that comes from outside may hold, once for every door. NUL ends a text in Postgres, a lone surrogate is no
 * Unicode, and characters that turn the direction of writing make a line say something else than what is stored.
 */
const CONTROLS = /\p{Cc}/u;
const LONE_SURROGATE = /\p{Cs}/u;
const DIRECTION = /[\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/u;
const LINE_SEPARATORS = /[\u2028\u2029]/u;

const UNPLAIN = new RegExp(
  [CONTROLS, LONE_SURROGATE, DIRECTION, LINE_SEPARATORS].map(({ source }) => source).join('|'),
  'gu',
);

export const REASON_MAX = 500;
export const NOTES_MAX = 500;

/** The text with every character that is not plain written out, `\u202e`: what was refused can be shown and stored. */
export const escaped = (text: string): string =>
  text.replaceAll(UNPLAIN, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** Whether the text is plain: no control characters (line breaks and tabs aside, where allowed), no turned direction, no half characters. */
export function isPlainText(text: string, { lines }: { lines: boolean }): boolean {
  const rest = lines ? text.replaceAll(/[\n\t]/g, '') : text;
  return ![CONTROLS, LONE_SURROGATE, DIRECTION, LINE_SEPARATORS].some((pattern) => pattern.test(rest));
}
