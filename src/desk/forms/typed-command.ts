import { escapedLines } from '../../domain/text.js';
import type { Field, Typed } from './form.js';

/**
 * A word in which a shell takes nothing for more than text: what is typed again says the same, to the letter. What
 * turns the direction of writing, refused wherever it is typed, is written out: the command would read otherwise.
 */
const quoted = (text: string): string => `'${escapedLines(text).replaceAll("'", `'\\''`)}'`;
/** Words that a shell takes as they are. */
const PLAIN = /^[\w./:=+-]+$/;

/** `exDate` as it is typed: `--ex-date`. */
const flagOf = (name: string): string => `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

/** A flag with its value; nothing for what is left out. */
export const flagWords = (name: string, value: string): string[] =>
  value === '' ? [] : [flagOf(name), PLAIN.test(value) ? value : quoted(value)];

/** The flags that say what stands in fields of the same names. */
export const fieldWords = (fields: readonly Field[], typed: Typed): string[] =>
  fields.flatMap(({ name, kind }) => {
    const value = (typed[name] ?? '').trim();
    if (kind === 'tick') return value === '' ? [] : [flagOf(name)];
    return flagWords(name, value);
  });

/** What each command for an account ends with, where it is not the usual one or its clock is simulated. */
export const accountWords = (account: { account: string; clock: string }, at: string): string[] => [
  ...(account.account === 'main' ? [] : ['--account', account.account]),
  ...(account.clock === 'simulated' ? ['--at', at] : []),
];

/** What stands in fields as an operation is asked: by the same names, without what was left empty. */
export const inputOf = (fields: readonly Field[], typed: Typed): Record<string, string | boolean> =>
  Object.fromEntries(
    fields.flatMap(({ name, kind }): [string, string | boolean][] => {
      const value = (typed[name] ?? '').trim();
      if (kind === 'tick') return [[name, value !== '']];
      return value === '' ? [] : [[name, value]];
    }),
  );
