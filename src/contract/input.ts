import type { z } from 'zod';
import { usageError } from '../domain/errors.js';
import { isPlainText } from '../domain/text.js';

const SHOWN_MAX = 60;

/**
 * What was asked, in its shape. Refuses with every problem at once, `field: value: rule` on a line each, the field as it is
 * typed on the command line.
 * @throws OpsError ARGUMENT_INVALID
 */
export function parseInput<T>(schema: z.ZodType<T>, input: unknown): T {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const lines = parsed.error.issues.flatMap((issue) => {
    const extra = issue.code === 'unrecognized_keys' ? issue.keys : [];
    const paths = extra.length > 0 ? extra.map((key) => [...issue.path, key]) : [issue.path];
    return paths.map(
      (path) =>
        `${fieldName(path)}: ${shownAt(input, path)}: ${extra.length > 0 ? 'is no field of this' : issue.message}`,
    );
  });
  throw usageError('ARGUMENT_INVALID', lines.join('\n'), {
    remedy: 'nothing was booked; --help lists what the command takes',
  });
}

/** `exDate` as `ex-date`; names of the operator's own (symbols) as they are. */
function fieldName(path: readonly PropertyKey[]): string {
  const [first = 'input', ...rest] = path.map((key) => String(key));
  return [first.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`), ...rest.map(plain)].join('.');
}

function shownAt(input: unknown, path: readonly PropertyKey[]): string {
  const value = path.reduce<unknown>(
    (part, key) => (part as Record<PropertyKey, unknown> | null | undefined)?.[key],
    input,
  );
  if (value === undefined) return '(missing)';
  return plain(typeof value === 'string' ? value : (JSON.stringify(value) ?? typeof value));
}

/** A text short enough for a line, and harmless on a terminal: what is not plain is written with its code points. */
function plain(text: string): string {
  const shown =
    isPlainText(text, { lines: false }) && text !== ''
      ? text
      : JSON.stringify(text).replaceAll(
          /[^\x20-\x7E]/g,
          (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
        );
  return shown.length > SHOWN_MAX ? `${shown.slice(0, SHOWN_MAX - 3)}...` : shown;
}
