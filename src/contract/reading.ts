import type { z } from 'zod';
import { usageError, type Refusal } from '../domain/errors.js';
import { problemsOf, problemText, type Problem } from '../domain/problems.js';
import { IN_OUR_WORDS } from '../domain/shape-words.js';

/*
 * The one reader of what is said to the system, through whatever door: the same wrong input has the same code, field
 * and text.
 */

/** What was sent, in its shape; or everything that is wrong with it, and the refusal that says so. */
export type Reading<T> = { ok: true; value: T } | { ok: false; problems: Problem[]; refusal: Refusal };

/** What a wrong field is refused with. */
interface Said {
  code: string;
  remedy: string | null;
}

/** Refusals of a thing that may be said: those of its own fields, and that of any other. */
export interface Refusals extends Said {
  /** What a problem of the whole is one of. */
  whole: string;
  fields?: Readonly<Record<string, Said>>;
}

const OF_A_MESSAGE: Refusals = { whole: 'message', code: 'MESSAGE_INVALID', remedy: null };
const OF_COUNTS: Said = { code: 'NUMBER_INVALID', remedy: null };
const OF_ARGUMENTS: Refusals = {
  whole: 'input',
  code: 'ARGUMENT_INVALID',
  remedy: 'nothing was changed; --help lists what the command takes',
  fields: { limit: OF_COUNTS, lines: OF_COUNTS },
};

/** Reads what somebody sent by the schema; never throws. */
export function read<T>(schema: z.ZodType<T>, sent: unknown, refusals: Refusals = OF_A_MESSAGE): Reading<T> {
  const parsed = schema.safeParse(sent, IN_OUR_WORDS);
  if (parsed.success) return { ok: true, value: parsed.data };
  const { whole, fields = {}, ...others } = refusals;
  const problems = problemsOf(parsed.error, sent, whole);
  const first = String(parsed.error.issues[0]?.path[0]);
  const { code, remedy } = (Object.hasOwn(fields, first) ? fields[first] : undefined) ?? others;
  return { ok: false, problems, refusal: { kind: 'usage', code, message: problemText(problems), remedy } };
}

/** What was read: an operation refuses what has not its shape. @throws OpsError of the reading's code */
export function wellFormed<T>(reading: Reading<T>): T {
  if (reading.ok) return reading.value;
  const { code, message, remedy } = reading.refusal;
  throw usageError(code, message, remedy === null ? {} : { remedy });
}

/**
 * What an operation was asked for on the command line, in its shape; every problem is named at once.
 * @throws OpsError ARGUMENT_INVALID
 */
export const parseInput = <T>(schema: z.ZodType<T>, input: unknown): T => wellFormed(read(schema, input, OF_ARGUMENTS));
