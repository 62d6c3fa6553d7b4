import { z } from 'zod';
import { isInstant, isIsoDate } from '../domain/dates.js';
import type { ConfirmCommand, IssueCommand, RecallCommand, ReconcileCommand, TickCommand } from './messages.js';

/*
 * The shapes of messages that anyone may send by hand. Only the shape is checked here; the rules (which symbol, which
 * ticket, how many decimals) are checked against stored facts by the activity that handles the message. The schemas stay
 * inside this module: all workflows of a worker share it frozen, and zod's schemas change when they are first used. So
 * does a regular expression, which is why zod's own formats (z.uuid, z.iso) cannot be used here.
 */
const instant = z.string().refine(isInstant, 'must be an ISO 8601 instant with offset');
const id = z.string().refine((value) => /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(value), 'must be a UUID');
const text = z.string().max(10_000);
const name = z.string().trim().min(1).max(200);

const issueSchema: z.ZodType<IssueCommand> = z.object({ runId: id, dryRun: z.boolean(), at: instant });

const reconcileSchema: z.ZodType<ReconcileCommand> = z.object({
  commandId: name,
  snapshotDate: z.string().refine(isIsoDate, 'must be a date YYYY-MM-DD'),
  cash: text,
  positions: z.record(z.string().max(40), text),
  notes: text.nullable(),
  operator: name,
  at: instant,
});

const fill = z.object({
  sequence: z.number().int(),
  internalSymbol: text,
  side: z.enum(['BUY', 'SELL']),
  executedStatus: z.enum(['DONE', 'SKIPPED', 'FAILED', 'PARTIAL']),
  units: text.nullable(),
  fillPrice: text.nullable(),
  executedValueBase: text.nullable(),
  filledAt: text.nullable(),
  notes: text.nullable(),
});

const confirmSchema: z.ZodType<ConfirmCommand> = z.object({
  commandId: name,
  ticketId: id,
  kind: z.enum(['ACK', 'FILLS']),
  fills: z.array(fill).max(1_000),
  amend: z.boolean(),
  operator: name,
  at: instant,
});

const tickSchema: z.ZodType<TickCommand> = z.object({ at: instant });

const recallSchema: z.ZodType<RecallCommand> = z.object({ at: instant });

const SCHEMAS = {
  tick: tickSchema, missed: tickSchema, recall: recallSchema,
  reconcile: reconcileSchema, issue: issueSchema, confirm: confirmSchema,
};

/** A payload's command, or what is wrong with it: "field: value: rule" for each thing. */
export type Reading = { ok: true; command: unknown } | { ok: false; why: string };

/** Reads the payload of a message of that kind; never throws. */
export function readMessage(kind: keyof typeof SCHEMAS, payload: unknown): Reading {
  const parsed = SCHEMAS[kind].safeParse(payload);
  return parsed.success ? { ok: true, command: parsed.data } : { ok: false, why: problemsOf(parsed.error, payload) };
}

function problemsOf(error: z.ZodError, message: unknown): string {
  return error.issues.map((issue) => {
    const value = issue.path.reduce<unknown>((part, key) => (part as Record<PropertyKey, unknown> | null)?.[key], message);
    return `${issue.path.join('.') || 'message'}: ${JSON.stringify(value)?.slice(0, 80)}: ${issue.message}`;
  }).join('; ');
}
