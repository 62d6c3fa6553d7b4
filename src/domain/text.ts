/*
 * What a text that comes from outside may hold, once for every door. NUL ends a text in Postgres, a lone surrogate is
 * no Unicode, and characters that turn the direction of writing make a line say something else than what is stored.
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

/** Bytes of a file that an operator names, a table or fills: far more than any has. */
export const FILE_BYTES_MAX = 262_144;

/** Bytes of a statement's file: far more than decades of a household, whose statements have some hundred kilobytes. */
export const STATEMENT_BYTES_MAX = 10 * 1024 * 1024;

/** The text with every character that is not plain written out, `\u202e`: what was refused can be shown and stored. */
export const escaped = (text: string): string =>
  text.replaceAll(UNPLAIN, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** The same, with line breaks and tabs as they are: for texts of several lines. */
export const escapedLines = (text: string): string =>
  text
    .split(/([\n\t])/)
    .map((part) => (part === '\n' || part === '\t' ? part : escaped(part)))
    .join('');

/** Characters of what somebody wrote that a message repeats. */
const SHOWN_MAX = 80;

/** What somebody wrote, as a message may repeat it: harmless on a terminal, and no longer than a line. */
export const bounded = (text: string, max = SHOWN_MAX): string => {
  const plain = escaped(text.slice(0, max + 1));
  // No half of a character may be left at the cut.
  return plain.length <= max ? plain : `${plain.slice(0, max - 3).replace(/[\uD800-\uDBFF]$/, '')}...`;
};

/** A value of any kind as a message may repeat it, texts in quotes; null when there is none. Never throws. */
export const shown = (value: unknown): string | null =>
  value === undefined ? null : bounded(sketch(value, 0).replaceAll(/\s+/g, ' '));

const SKETCHED = { deep: 3, wide: 10 };

/**
 * The beginning of a value as JSON: whatever was sent, however large or deep it is, a line of it is all that anybody
 * reads.
 */
function sketch(value: unknown, depth: number): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, SHOWN_MAX + 1));
  if (value === null || typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value !== 'object') return typeof value;
  if (depth === SKETCHED.deep) return '...';
  if (Array.isArray(value)) {
    const items = value.slice(0, SKETCHED.wide).map((item: unknown) => sketch(item, depth + 1));
    return `[${[...items, ...(value.length > SKETCHED.wide ? ['...'] : [])].join(',')}]`;
  }
  const fields = Object.entries(value).slice(0, SKETCHED.wide);
  return `{${fields.map(([key, field]) => `${sketch(key, depth)}:${sketch(field, depth + 1)}`).join(',')}}`;
}

/**
 * Whether the text is plain: no control characters (line breaks and tabs aside, where allowed), no turned direction, no
 * half characters.
 */
export function isPlainText(text: string, { lines }: { lines: boolean }): boolean {
  const rest = lines ? text.replaceAll(/[\n\t]/g, '') : text;
  return ![CONTROLS, LONE_SURROGATE, DIRECTION, LINE_SEPARATORS].some((pattern) => pattern.test(rest));
}

/** `A`, or `A and B`, or `A, B and C`; empty of nothing. */
export const inSeries = (words: readonly string[], last: 'and' | 'or'): string =>
  words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} ${last} ${words.at(-1)}`;
