import { z } from 'zod';
import { isInstant, isIsoDate } from '../domain/dates.js';
import type { StoredExplanation } from '../domain/reconciliation/proposal.js';
import type { Instant, IsoDate, Reason } from '../domain/types.js';
import { read, type Reading } from './reading.js';

/*
 * What may be said to a trading day, and what it answers. Only the shape is checked here; the rules (which symbol, which
 * ticket, how many decimals) are checked against stored facts by the operation that handles the message. The schemas stay
 * inside this module: all workflows of a worker share it frozen, and zod's schemas change when they are first used. So
 * does a regular expression, which is why zod's own formats (z.uuid, z.iso) cannot be used here.
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

const instant = z.string().refine(isInstant, 'must be an ISO 8601 instant with offset');
const date = z.string().refine(isIsoDate, 'must be a date YYYY-MM-DD');
const id = z.string().refine((value) => /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(value), 'must be a UUID');
const text = z.string().max(10_000);
const name = z.string().trim().min(1).max(200);

const dayInputSchema = z.object({
  account: name,
  tradingDay: date,
  clock: z.enum(['real', 'simulated']),
  /** When to remind of an unconfirmed ticket, and when to escalate. */
  remindAt: z.array(instant),
  escalateAt: instant,
  /** Back up the database when the day closes. */
  backUpAtClose: z.boolean().optional(),
  at: instant,
});
/** Starts a trading day. */
export type TradingDayInput = z.infer<typeof dayInputSchema>;

const issueSchema = z.object({ runId: id, dryRun: z.boolean(), at: instant });
/** Have the ticket issued. */
export type IssueCommand = z.infer<typeof issueSchema>;

const reconcileSchema = z.object({
  /** Made by the sender; a repeat is the same command. */
  commandId: name,
  snapshotDate: date,
  cash: text,
  positions: z.record(z.string().max(40), text),
  notes: text.nullable(),
  operator: name,
  at: instant,
});
/** The broker's figures, to be compared with the ledger. */
export type ReconcileCommand = z.infer<typeof reconcileSchema>;

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

const confirmSchema = z.object({
  commandId: name,
  ticketId: id,
  kind: z.enum(['ACK', 'FILLS']),
  fills: z.array(fill).max(1_000),
  amend: z.boolean(),
  operator: name,
  at: instant,
});
/** The operator's answer to a ticket. */
export type ConfirmCommand = z.infer<typeof confirmSchema>;

const tickSchema = z.object({ at: instant });
/** Time has come to an instant (simulated clocks), or the slot of 14:00 was missed. */
export type TickCommand = z.infer<typeof tickSchema>;

const recallSchema = z.object({ at: instant });
/** Recall where the day stands. */
export type RecallCommand = z.infer<typeof recallSchema>;

const SCHEMAS = {
  tick: tickSchema, missed: tickSchema, recall: recallSchema,
  reconcile: reconcileSchema, issue: issueSchema, confirm: confirmSchema,
};

/** Reads the payload of a message of that kind; never throws. */
export const readMessage = (kind: keyof typeof SCHEMAS, payload: unknown): Reading<unknown> => read<unknown>(SCHEMAS[kind], payload);

/** One account's day. */
export interface DayKey {
  account: string;
  tradingDay: IsoDate;
}

export interface ReconcileReply {
  status: 'PASS' | 'FAIL' | 'REJECTED';
  reasons: Reason[];
  /** What would explain the drift, each with the proposal that books it; days of earlier versions answered with command lines. */
  explanations: StoredExplanation[];
  openedLedger: boolean;
  reportPath: string | null;
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
  reason: { code: string; message: string } | null;
}
