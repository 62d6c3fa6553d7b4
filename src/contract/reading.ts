import type { z } from 'zod';
import { usageError } from '../domain/errors.js';
import { escaped } from '../domain/text.js';

/** What was sent, in its shape; or what is wrong with it, "field: value: rule" for each thing. */
export type Reading<T> = { ok: true; value: T } | { ok: false; why: string };

/** Characters of a wrong value that a message repeats. */
const SHOWN_MAX = 80;

/** Reads what somebody sent by the schema; never throws. */
export function read<T>(schema: z.ZodType<T>, sent: unknown): Reading<T> {
  const parsed = schema.safeParse(sent);
  return parsed.success ? { ok: true, value: parsed.data } : { ok: false, why: problemsOf(parsed.error, sent) };
}

/** What was read: an operation refuses what has not its shape. @throws OpsError MESSAGE_INVALID */
export function wellFormed<T>(reading: Reading<T>): T {
  if (reading.ok) return reading.value;
  throw usageError('MESSAGE_INVALID', reading.why);
}

function problemsOf(error: z.ZodError, sent: unknown): string {
  return error.issues
    .flatMap((issue) =>
      issue.code === 'unrecognized_keys'
        ? issue.keys.map((key) => problem([...issue.path, key], sent, 'is no field of this'))
        : [problem(issue.path, sent, issue.message)],
    )
    .join('; ');
}

function problem(path: readonly PropertyKey[], sent: unknown, rule: string): string {
  const value = path.reduce<unknown>(
    (part, key) => (Object.hasOwn(Object(part), key) ? (part as Record<PropertyKey, unknown>)[key] : undefined),
    sent,
  );
  return escaped(`${path.join('.') || 'message'}: ${JSON.stringify(value)?.slice(0, SHOWN_MAX)}: ${rule}`);
}
