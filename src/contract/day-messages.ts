import { z } from 'zod';
import type { StoredExplanation } from '../domain/reconciliation/proposal.js';
import { commandIdShape, dateShape, instantShape, nameShape, uuidShape } from '../domain/shapes.js';
import type { Fill } from '../domain/confirmation/shape.js';
import type { Refusal } from '../domain/errors.js';
import type { Instant, IsoDate, Reason } from '../domain/types.js';
import { read, type Reading } from './reading.js';

/*
 * What may be said to a trading day, and what it answers. Only the shape is checked here; the rules (which symbol, which
 * ticket, how many decimals, which characters a note may have) are checked by the operation that handles the message, so
 * that whichever door it came through it is refused with the same code. The schemas stay inside this module: all workflows
 * of a worker share it frozen, and zod's schemas change when they are first used.
 */

/** Signals are kept while no worker is up; each `…Update` twin does the same and gives the sender the outcome. */
export const DAY_MESSAGES = {
  reconcile: 'reconcile',
  reconcileUpdate: 'reconcileUpdate',
  issue: 'issue',
  issueUpdate: 'issueUpdate',
  confirm: 'confirm',
  confirmUpdate: 'confirmUpdate',
  /** Simulated clocks only: time has come to `at`. */
  tick: 'tick',
  /** Postgres was restored, or this workflow's state was lost: forget what is remembered and recall what is stored. */
  recall: 'recall',
  /** The watch found that the 14:00 run was missed: there will be no ticket to wait for. */
  missed: 'missed',
  /** Query: the whole state of the day. */
  day: 'day',
} as const;

const TEXT_MAX = 10_000;
const POSITIONS_MAX = 1_000;
const FILLS_MAX = 1_000;

const text = z.string().max(TEXT_MAX, `must be at most ${TEXT_MAX} characters`);

/** Texts by name, kept as they came: zod's own record leaves a `__proto__` out without a word, and no position may get lost. */
const texts = z
  .unknown()
  .superRefine((value, context) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      return context.addIssue({ code: 'custom', message: 'must be units by symbol' });
    const entries = Object.entries(value);
    if (entries.length > POSITIONS_MAX)
      return context.addIssue({ code: 'custom', message: `must be at most ${POSITIONS_MAX} positions` });
    for (const [name, units] of entries)
      if (!text.safeParse(units).success)
        context.addIssue({ code: 'custom', path: [name], message: 'must be units as text, such as "2.5"' });
  })
  .transform((value) => value as Record<string, string>);

const dayInputSchema = z.object({
  account: nameShape(),
  tradingDay: dateShape(),
  clock: z.enum(['real', 'simulated']),
  /** When to remind of an unconfirmed ticket, and when to escalate. */
  remindAt: z.array(instantShape()),
  escalateAt: instantShape(),
  /** Back up the database when the day closes. */
  backUpAtClose: z.boolean().optional(),
  at: instantShape(),
});
/** Starts a trading day. */
export type TradingDayInput = z.infer<typeof dayInputSchema>;

/** One account's day. */
export interface DayKey {
  account: string;
  tradingDay: IsoDate;
}

const key = { account: nameShape(), tradingDay: dateShape() };

/** Who sends a message to a day, and when they say it is. */
const sender = {
  operator: nameShape(),
  at: instantShape(),
  /** The page or command that it was typed into; left out by whoever sends it by hand. */
  door: z.enum(['cli', 'desk']).optional(),
};

const snapshot = {
  /** Made by the sender; a repeat is the same command. */
  commandId: commandIdShape(),
  snapshotDate: text,
  cash: text,
  positions: texts,
  notes: text.nullable(),
};
const reconcileInput = z.strictObject({ ...key, ...snapshot });
const reconcileSchema = z.strictObject({ ...snapshot, ...sender });
/** The broker's figures for a day, to be compared with the ledger. */
export type ReconcileInput = z.infer<typeof reconcileInput>;
/** The same as a message to the day. */
export type ReconcileCommand = z.infer<typeof reconcileSchema>;

const answer = {
  commandId: commandIdShape(),
  ticketId: text,
  kind: z.enum(['ACK', 'FILLS']),
  /** One a ticket line, each read by `fillSchema`, the one schema of a fill. */
  fills: z.array(z.custom<Fill>()).max(FILLS_MAX, `must have at most ${FILLS_MAX} items`),
  amend: z.boolean(),
};
const confirmInput = z.strictObject({ ...key, ...answer });
const confirmSchema = z.strictObject({ ...answer, ...sender });
/** The operator's answer to a ticket of a day. */
export type ConfirmInput = z.infer<typeof confirmInput>;
/** The same as a message to the day. */
export type ConfirmCommand = z.infer<typeof confirmSchema>;

const issue = { runId: uuidShape(), dryRun: z.boolean(), at: instantShape() };
const issueSchema = z.strictObject(issue);
const issueInput = z.strictObject({ ...key, ...issue });
/** Have the ticket issued. */
export type IssueCommand = z.infer<typeof issueSchema>;
export type IssueInput = z.infer<typeof issueInput>;

const tickSchema = z.object({ at: instantShape() });
/** Time has come to an instant (simulated clocks), or the slot of 14:00 was missed. */
export type TickCommand = z.infer<typeof tickSchema>;

const recallSchema = z.object({ at: instantShape() });
/** Recall where the day stands. */
export type RecallCommand = z.infer<typeof recallSchema>;

const MESSAGES = {
  tick: tickSchema,
  missed: tickSchema,
  recall: recallSchema,
  reconcile: reconcileSchema,
  issue: issueSchema,
  confirm: confirmSchema,
};
const INPUTS = { reconcile: reconcileInput, issue: issueInput, confirm: confirmInput };

/** Reads the payload of a message of that kind; never throws. */
export const readMessage = (kind: keyof typeof MESSAGES, payload: unknown): Reading<unknown> =>
  read<unknown>(MESSAGES[kind], payload);

/** Reads what an operation of that name is asked; never throws. */
export function readInput<K extends keyof typeof INPUTS>(
  kind: K,
  input: unknown,
): Reading<z.infer<(typeof INPUTS)[K]>> {
  return read(INPUTS[kind] as unknown as z.ZodType<z.infer<(typeof INPUTS)[K]>>, input);
}

export interface ReconcileReply {
  status: 'PASS' | 'FAIL' | 'REJECTED';
  reasons: Reason[];
  /** What would explain the drift, each with the proposal that books it; days of earlier versions answered with command lines. */
  explanations: StoredExplanation[];
  openedLedger: boolean;
  reportPath: string | null;
  /** The instant that counts; left out by replies of earlier versions, where it was the sender's. */
  at?: Instant;
  /** Why it was REJECTED; left out otherwise, and by replies of earlier versions. */
  refusal?: Refusal;
}

export interface IssueReply {
  account: string;
  ticketId: string;
  kind: 'TRADE' | 'NO_TRADE';
  dryRun: boolean;
  reasons: Reason[];
  /** False when the day already had this very ticket. */
  issuedNow: boolean;
  supersedes: string | null;
  issuedAt: Instant;
  windowClosesAt: Instant | null;
  confirmed: boolean;
  files: string[];
}

export interface ConfirmReply {
  status: 'BOOKED' | 'ACKNOWLEDGED' | 'REFUSED';
  confirmationId: string | null;
  /** Journal entries booked by this confirmation. */
  entries: number[];
  /** Why it was REFUSED; replies of earlier versions say no kind and no remedy. */
  reason: (Pick<Refusal, 'code' | 'message'> & Partial<Refusal>) | null;
  /** The instant that counts; left out by replies of earlier versions, where it was the sender's. */
  at?: Instant;
}
