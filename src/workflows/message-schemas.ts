import { z } from 'zod';
import type { ConfirmCommand, IssueCommand, OpenCommand, RecallCommand, ReconcileCommand, TickCommand } from './messages.js';

/**
 * The shapes of messages that anyone may send by hand. Only the shape is checked here; the rules (which symbol, which
 * ticket, how many decimals) are checked against stored facts by the activity that handles the message.
 */
const instant = z.iso.datetime({ offset: true });
const text = z.string().max(10_000);
const name = z.string().trim().min(1).max(200);

export const openSchema: z.ZodType<OpenCommand> = z.object({ runId: z.uuid().nullable(), at: instant });

export const issueSchema: z.ZodType<IssueCommand> = z.object({ runId: z.uuid(), dryRun: z.boolean(), at: instant });

export const reconcileSchema: z.ZodType<ReconcileCommand> = z.object({
  commandId: name,
  snapshotDate: z.iso.date(),
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

export const confirmSchema: z.ZodType<ConfirmCommand> = z.object({
  commandId: name,
  ticketId: z.uuid(),
  kind: z.enum(['ACK', 'FILLS']),
  fills: z.array(fill).max(1_000),
  amend: z.boolean(),
  operator: name,
  at: instant,
});

export const tickSchema: z.ZodType<TickCommand> = z.object({ at: instant });

export const recallSchema: z.ZodType<RecallCommand> = z.object({ at: instant });

/** "field: value: rule" for each thing wrong with a message. */
export function problemsOf(error: z.ZodError, message: unknown): string {
  return error.issues.map((issue) => {
    const value = issue.path.reduce<unknown>((part, key) => (part as Record<PropertyKey, unknown> | null)?.[key], message);
    return `${issue.path.join('.') || 'message'}: ${JSON.stringify(value)?.slice(0, 80)}: ${issue.message}`;
  }).join('; ');
}
