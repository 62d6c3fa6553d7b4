import type { z } from 'zod';
import { bounded, escaped, shown } from './text.js';

/**
 * What is wrong with one thing that was said: which field, what stood there (null for nothing), which rule it breaks.
 */
export interface Problem {
  field: string;
  value: string | null;
  rule: string;
}

/** Bytes of a message about what somebody wrote: nobody reads more, and it goes into alerts and answers. */
const MESSAGE_BYTES_MAX = 1_000;
/** Fields nobody asked for that are named one by one. */
const STRANGE_FIELDS_MAX = 20;

/**
 * The problems that a shape found, each with the value that stood there.
 * @param whole what a problem of the whole is one of.
 */
export function problemsOf(error: z.ZodError, sent: unknown, whole: string): Problem[] {
  return error.issues.flatMap((issue) => {
    if (issue.code !== 'unrecognized_keys') return [problemOf(issue, sent, whole)];
    return issue.keys.slice(0, STRANGE_FIELDS_MAX).map((key) => ({
      field: fieldName([...issue.path, key], whole),
      value: shown(valueAt(sent, [...issue.path, key])),
      rule: 'is no field of this',
    }));
  });
}

function problemOf(issue: z.core.$ZodIssue, sent: unknown, whole: string): Problem {
  const named = issue.code === 'custom' ? issue.params?.['value'] : undefined;
  return {
    field: fieldName(issue.path, whole),
    value: shown(named ?? valueAt(sent, issue.path)),
    rule: escaped(ruleOf(issue)),
  };
}

/** Of something that may be one of several things the last is the one that is meant: before it stands the empty. */
const ruleOf = (issue: z.core.$ZodIssue): string =>
  (issue.code === 'invalid_union' ? issue.errors.at(-1)?.[0]?.message : undefined) ?? issue.message;

/**
 * The field as it is typed on the command line, `exDate` as `ex-date`; names of the operator's own (symbols) as they
 * are.
 */
function fieldName(path: readonly PropertyKey[], whole: string): string {
  const [first, ...rest] = path.map((key) => String(key));
  if (first === undefined) return whole;
  const typed = /^[a-z][A-Za-z]*$/.test(first)
    ? first.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
    : first;
  return bounded([typed, ...rest].join('.'));
}

const valueAt = (sent: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>(
    (part, key) => (Object.hasOwn(Object(part), key) ? (part as Record<PropertyKey, unknown>)[key] : undefined),
    sent,
  );

/** `field: value: rule`, a line each, as many as a message has room for, and how many more there are. */
export function problemText(problems: readonly Problem[]): string {
  const lines = problems.map(({ field, value, rule }) => escaped(`${field}: ${value ?? '(missing)'}: ${rule}`));
  const fits = (count: number) => bytesOf(lines.slice(0, count).join('\n')) <= MESSAGE_BYTES_MAX - BYTES_OF_MORE;
  let told = Math.min(lines.length, LINES_MAX);
  while (told > 1 && !fits(told)) told--;
  const more = lines.length - told;
  return [...lines.slice(0, told), ...(more > 0 ? [`and ${more} more`] : [])].join('\n');
}

/** Bytes that `and 1000 more` takes. */
const BYTES_OF_MORE = 20;
/** More lines than that never fit. */
const LINES_MAX = 50;

/** Bytes of a text in UTF-8; the sandbox of workflows has no Buffer. */
const bytesOf = (text: string): number => encodeURIComponent(text).replaceAll(/%../g, '.').length;
