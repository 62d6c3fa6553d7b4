import type { z } from 'zod';
import { inSeries } from './text.js';

/*
 * What is said of a value that has not its shape, where the shape itself says no rule: the library's own sentences are
 * a programmer's, and nobody else is shown them.
 */

/** Of what type something must be, by the library's name for it. */
const OF_TYPE: Readonly<Record<string, string>> = {
  string: 'must be text',
  number: 'must be a number',
  int: 'must be a whole number',
  bigint: 'must be a whole number',
  boolean: 'must be true or false',
  array: 'must be a list',
  tuple: 'must be a list',
  object: 'must be fields with their names',
  record: 'must be fields with their names',
  null: 'must be left out',
};

/** Of what form a text must be, by the library's name for it. */
const OF_FORMAT: Readonly<Record<string, string>> = {
  date: 'must be a date that exists, YYYY-MM-DD',
  datetime: 'must be a time with offset, such as 2026-11-23T14:41:00+00:00',
  url: 'must be a URL',
  email: 'must be a mail address',
};

/** What a size is counted in, by what has it. */
const COUNTED_IN: Readonly<Record<string, string>> = { string: 'character', array: 'item', set: 'item' };

const bound = ({ origin }: { origin: string }, than: 'least' | 'most', { limit, inclusive }: Bound): string => {
  const counted = COUNTED_IN[origin] === undefined ? '' : ` ${COUNTED_IN[origin]}${Number(limit) === 1 ? '' : 's'}`;
  if (inclusive !== false) return `must be at ${than} ${limit}${counted}`;
  return `must be ${than === 'least' ? 'more' : 'less'} than ${limit}${counted}`;
};
interface Bound {
  limit: bigint | number;
  inclusive: boolean | undefined;
}

function rule(issue: z.core.$ZodRawIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return OF_TYPE[issue.expected] ?? 'must be of the kind that is asked for';
    case 'invalid_value':
      return `must be ${inSeries(issue.values.map(String), 'or')}`;
    case 'invalid_format':
      return OF_FORMAT[issue.format] ?? 'must have the form that is asked for';
    case 'too_small':
      return bound(issue, 'least', { limit: issue.minimum, inclusive: issue.inclusive });
    case 'too_big':
      return bound(issue, 'most', { limit: issue.maximum, inclusive: issue.inclusive });
    case 'not_multiple_of':
      return `must be a multiple of ${issue.divisor}`;
    case 'unrecognized_keys':
      return `must be left out: ${issue.keys.join(', ')}`;
    case 'invalid_key':
      return 'must have a name that may stand here';
    case 'invalid_union':
      return 'must be one of the kinds that may stand here';
    default:
      return 'must have the form that is asked for';
  }
}

/**
 * The second argument of a schema's `safeParse` wherever somebody may read what it finds: a rule that the schema says
 * stands, and any other is said as `must be …`.
 */
export const IN_OUR_WORDS = { error: rule } as const;
