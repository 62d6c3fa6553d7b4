/** What a figure, a date or a placeholder is made of; nobody's secret looks like it and is as short. */
const FIGURE = /^["'\s]{0,2}(?:[-+\d.,:/%$£€Ee ]{0,24}|n\/?[da]|null|nan|-?inf(?:inity)?|true|false)["'\s]{0,2}$/i;
/** A ticker, a currency, the name of an exchange. */
const NAME = /^[A-Za-z0-9.^=/& -]{1,16}$/;
const TYPES: Readonly<Record<string, string>> = { undefined: 'nothing', object: 'an object' };

/**
 * A value as a message may repeat it. Files come from outside and messages go into alerts, mails and the database: what
 * is no figure is described and never quoted, whatever file somebody had us read.
 */
export function quotable(value: unknown): string {
  if (value === null) return 'null';
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value !== 'string') return TYPES[typeof value] ?? `a ${typeof value}`;
  return FIGURE.test(value) ? JSON.stringify(value) : described(value);
}

/** The same of what should be a name. */
export const quotableName = (value: string): string => (NAME.test(value) ? value : described(value));

const described = (value: string): string => `a text of ${value.length} characters`;
