import { z } from 'zod';
import type { StoredExplanation } from '../domain/reconciliation/proposal.js';
import {
  commandIdShape,
  dateShape,
  FILLS_MAX,
  fillsShape,
  instantShape,
  nameShape,
  reasonShape,
  uuidShape,
} from '../domain/shapes.js';
import type { OwnedDeviation } from '../domain/confirmation/owned.js';
import type { Fill } from '../domain/confirmation/shape.js';
import { seenShape } from '../domain/reconciliation/seen.js';
import { snapshotShapes } from '../domain/reconciliation/snapshot.js';
import type { Refusal } from '../domain/errors.js';
import type { DecimalString, Instant, IsoDate, Reason } from '../domain/types.js';
import { tradingDayOf } from '../domain/calendar/calendar.js';
import { read, type Reading, type Refusals } from './reading.js';
import { tradingDayId } from './workflows.js';

/*
 * What may be said to a trading day, and what it answers. The shape is the operation's, and whatever reads a message
 * refuses what has not that shape with the same code, field and text; rules (which ticket, which day, what a line
 * allows) are the operation's own. The schemas stay inside this module: all workflows of a worker share it frozen, and
 * zod's schemas change when they are first used.
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

const REMINDERS_MAX = 100;

const dayInputSchema = z.object({
  account: nameShape(),
  tradingDay: dateShape(),
  clock: z.enum(['real', 'simulated']),
  /** When to remind of an unconfirmed ticket, and when to escalate: times of that day. */
  remindAt: z.array(instantShape()).max(REMINDERS_MAX, `must be at most ${REMINDERS_MAX} instants`),
  escalateAt: instantShape(),
  /** Back up the database when the day closes. */
  backUpAtClose: z.boolean().optional(),
  at: instantShape(),
});
/** Starts a trading day. */
export type TradingDayInput = z.infer<typeof dayInputSchema>;

/** Reads what a day was started with, and holds it against the id of its workflow, which makes it one; never throws. */
export function readTradingDayInput(sent: unknown, workflowId: string): Reading<TradingDayInput> {
  const schema = dayInputSchema.superRefine(({ account, tradingDay, remindAt, escalateAt }, context) => {
    const refuse = (field: string, message: string) => context.addIssue({ code: 'custom', path: [field], message });
    if (tradingDayId(account, tradingDay) !== workflowId)
      refuse('tradingDay', `must be the day that the workflow's id says: ${tradingDayId(account, tradingDay)}`);
    if (remindAt.some((due) => tradingDayOf(due) !== tradingDay)) refuse('remindAt', `must be of ${tradingDay}`);
    if (tradingDayOf(escalateAt) !== tradingDay) refuse('escalateAt', `must be of ${tradingDay}`);
  });
  return read(schema, sent);
}

/** One account's day. */
export interface DayKey {
  account: string;
  tradingDay: IsoDate;
}

const key = { account: nameShape(), tradingDay: dateShape() };

/** The account and the day that a workflow's id says; null for an id that is of no day. */
export function dayOfId(workflowId: string): DayKey | null {
  const [, account, tradingDay] = /^trading-day\/([^/]+)\/([^/]+)$/.exec(workflowId) ?? [];
  const parsed = z.object(key).safeParse({ account, tradingDay });
  // There is no day after the last that a date can name, and whoever shows a day looks at the next.
  return parsed.success && parsed.data.tradingDay < '9999' ? parsed.data : null;
}

/** Who sends a message to a day, and when they say it is. */
const sender = {
  operator: nameShape(),
  at: instantShape(),
  /** The page or command that it was typed into; left out by whoever sends it by hand. */
  door: z.enum(['cli', 'desk']).optional(),
  /** Who said it, signed; the operation reads it, and says what is wrong with it. Left out by earlier versions. */
  signature: z.unknown().optional(),
};

/** The figures, and how each was read; left out where nobody says, and by earlier versions. */
const figures = { ...snapshotShapes(), seen: seenShape().optional() };
/** `commandId` is made by the sender; a repeat is the same command. */
const snapshot = { commandId: commandIdShape(), ...figures };
const reconcileInput = z.strictObject({ ...key, ...snapshot });
/** The broker's figures for a day, to be compared with the ledger. */
export type ReconcileInput = z.infer<typeof reconcileInput>;
/** The same as a message to the day. */
export type ReconcileCommand = z.infer<typeof MESSAGES.reconcile>;

const ACCEPTANCES_RULE = `must be at most ${FILLS_MAX} lines`;
/** A ticket line, or null for the one that deviates, and why it came to pass. */
const acceptance = () =>
  z.strictObject(
    {
      sequence: z.int('must be a line number').min(1, 'must be 1 or more').max(FILLS_MAX, ACCEPTANCES_RULE).nullable(),
      reason: reasonShape(),
    },
    'must be a line with a reason',
  );
const answer = {
  commandId: commandIdShape(),
  ticketId: uuidShape('must be the id of a ticket, a UUID'),
  kind: z.enum(['ACK', 'FILLS']),
  /** One a ticket line, each read by `fillSchema`, the one schema of a fill, once the ticket is known. */
  fills: fillsShape<Fill>(),
  amend: z.boolean(),
  /** What deviates from the ticket and the operator owns, each line with its reason; left out where nothing is. */
  acceptDeviation: z
    .array(acceptance(), 'must be a list of lines with a reason')
    .max(FILLS_MAX, ACCEPTANCES_RULE)
    .optional(),
  /** Why an earlier answer is amended; kept in the audit log, and left out where nobody says it. */
  reason: reasonShape().optional(),
};
const confirmInput = z.strictObject({ ...key, ...answer });
/** The operator's answer to a ticket of a day. */
export type ConfirmInput = z.infer<typeof confirmInput>;
/** The same as a message to the day. */
export type ConfirmCommand = z.infer<typeof MESSAGES.confirm>;

const issue = { runId: uuidShape(), dryRun: z.boolean(), at: instantShape() };
const issueInput = z.strictObject({ ...key, ...issue });
/** Have the ticket issued. */
export type IssueCommand = z.infer<typeof MESSAGES.issue>;
export type IssueInput = z.infer<typeof issueInput>;

const momentSchema = z.object({ at: instantShape() });
/**
 * Time has come to an instant (simulated clocks), the slot of 14:00 was missed, or the day shall recall where it
 * stands.
 */
export type MomentCommand = z.infer<typeof momentSchema>;

const MESSAGES = {
  tick: momentSchema,
  missed: momentSchema,
  recall: momentSchema,
  reconcile: z.strictObject({ ...snapshot, ...sender }),
  issue: z.strictObject(issue),
  confirm: z.strictObject({ ...answer, ...sender }),
};
const { commandId: _made, ticketId, ...answered } = answer;
const INPUTS = {
  reconcile: reconcileInput,
  issue: issueInput,
  confirm: confirmInput,
  /** What a person types of them, before it is known which day and which ticket is meant. */
  snapshot: z.strictObject({ account: key.account, ...figures }),
  answer: z.strictObject({ account: key.account, ...answered, ticketId: ticketId.nullable() }),
};

/*
 * What a day takes in, to have the operation judge it: wider than the shape, and never to be made narrower, for days
 * under way are replayed and must take in what they took in before (fills too deep to be handed on no day took in).
 * Whatever it does not take in has not the shape
 * either.
 */
const anyText = z.string().max(10_000);
const anyTexts = z
  .unknown()
  .refine((value) => typeof value === 'object' && value !== null && !Array.isArray(value))
  .refine((value) => Object.keys(Object(value)).length <= 1_000)
  .refine((value) => Object.values(Object(value)).every((text) => anyText.safeParse(text).success));
const TAKEN_IN = {
  ...MESSAGES,
  reconcile: MESSAGES.reconcile.extend({
    snapshotDate: anyText,
    cash: anyText,
    positions: anyTexts,
    notes: anyText.nullable(),
    seen: anyTexts.optional(),
  }),
  confirm: MESSAGES.confirm.extend({ ticketId: anyText }),
};

const SNAPSHOT_INVALID = {
  code: 'SNAPSHOT_INVALID',
  remedy: 'Nothing was recorded. Correct the snapshot and reconcile again.',
};
const REFUSALS: Refusals = {
  whole: 'message',
  code: 'MESSAGE_INVALID',
  remedy: null,
  fields: {
    snapshotDate: SNAPSHOT_INVALID,
    cash: SNAPSHOT_INVALID,
    positions: SNAPSHOT_INVALID,
    notes: SNAPSHOT_INVALID,
    seen: SNAPSHOT_INVALID,
    ticketId: { code: 'TICKET_INVALID', remedy: 'trading-ops tickets-last' },
    fills: { code: 'FILLS_INVALID', remedy: 'Nothing was booked. Correct the fills and confirm again.' },
    acceptDeviation: {
      code: 'DEVIATION_INVALID',
      remedy: 'Nothing was booked. Own each deviation that the refusal names, with a reason.',
    },
    reason: { code: 'AMENDMENT_REASON_INVALID', remedy: 'Nothing was booked. Say why the answer is amended.' },
  },
};

/**
 * Messages of a kind that may wait: a person sends a handful, and each takes an activity. With what is refused for good
 * (two a second at the least are handled) nobody waits longer than a minute.
 */
export const WAITING_MAX = 50;

/** What is told of a message for which there is no room. */
export const DAY_CROWDED: Refusal = {
  kind: 'refused',
  code: 'DAY_CROWDED',
  message: `more messages wait for the day than it takes in (${WAITING_MAX} of a kind), so this one was not taken in`,
  remedy: 'trading-ops day; then say it again',
};

/** Whether a day takes in a payload of that kind; says nothing of why not, for a flood is not read. */
export const isTakenIn = (kind: keyof typeof MESSAGES, payload: unknown): boolean =>
  TAKEN_IN[kind].safeParse(payload).success;

/** Reads the payload of a message of that kind as far as the day needs it; never throws. */
export function readMessage(kind: keyof typeof MESSAGES, payload: unknown): Reading<unknown> {
  const taken = TAKEN_IN[kind].safeParse(payload);
  return taken.success ? { ok: true, value: taken.data } : read<unknown>(MESSAGES[kind], payload, REFUSALS);
}

/** Reads what an operation of that name is asked; never throws. */
export function readInput<K extends keyof typeof INPUTS>(
  kind: K,
  input: unknown,
): Reading<z.infer<(typeof INPUTS)[K]>> {
  return read(INPUTS[kind] as unknown as z.ZodType<z.infer<(typeof INPUTS)[K]>>, input, REFUSALS);
}

export interface ReconcileReply {
  status: 'PASS' | 'FAIL' | 'REJECTED';
  reasons: Reason[];
  /**
   * What would explain the drift, each with the proposal that books it; days of earlier versions answered with command
   * lines.
   */
  explanations: StoredExplanation[];
  /** What drifts within its tolerance: cash or a symbol, snapshot less ledger; left out by earlier versions. */
  drift?: { what: string; drift: DecimalString; tolerance: DecimalString }[];
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

/** A deviation that was booked, for the operator owned it. */
export type DeviationTold = Pick<
  OwnedDeviation,
  'sequence' | 'symbol' | 'kind' | 'value' | 'text' | 'amountBase' | 'reason'
>;

export interface ConfirmReply {
  status: 'BOOKED' | 'ACKNOWLEDGED' | 'REFUSED';
  confirmationId: string | null;
  /** Journal entries booked by this confirmation. */
  entries: number[];
  /** What departed from the ticket; left out where nothing did, and by replies of earlier versions. */
  deviations?: DeviationTold[];
  /** Why it was REFUSED; replies of earlier versions say no kind and no remedy. */
  reason: (Pick<Refusal, 'code' | 'message'> & Partial<Refusal>) | null;
  /** The instant that counts; left out by replies of earlier versions, where it was the sender's. */
  at?: Instant;
  /** Its record in the audit log; left out by replies of earlier versions, and where it could not be kept. */
  auditRecord?: { seq: number; hash: string };
}
