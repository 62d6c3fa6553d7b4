import type { z } from 'zod';

/** What was sent, in its shape; or what is wrong with it, "field: value: rule" for each thing. */
export type Reading<T> = { ok: true; value: T } | { ok: false; why: string };

/** Reads what somebody sent by the schema; never throws. */
export function read<T>(schema: z.ZodType<T>, sent: unknown): Reading<T> {
  const parsed = schema.safeParse(sent);
  return parsed.success ? { ok: true, value: parsed.data } : { ok: false, why: problemsOf(parsed.error, sent) };
}

function problemsOf(error: z.ZodError, sent: unknown): string {
  return error.issues.map((issue) => {
    const value = issue.path.reduce<unknown>((part, key) => (part as Record<PropertyKey, unknown> | null)?.[key], sent);
    return `${issue.path.join('.') || 'message'}: ${JSON.stringify(value)?.slice(0, 80)}: ${issue.message}`;
  }).join('; ');
}
