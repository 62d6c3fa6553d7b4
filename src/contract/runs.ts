import { z } from 'zod';
import type { Idle } from '../domain/day/scheduled-start.js';
import { instantShape, nameShape, uuidShape } from '../domain/shapes.js';
import { isPlainText } from '../domain/text.js';
import type { Instant, IsoDate } from '../domain/types.js';
import type { IssueReply } from './day-messages.js';
import { read, type Reading } from './reading.js';

/*
 * What starts a run or a watch. The schemas stay inside this module, as those of a day's messages do: the activity that begins
 * reads what it was given, for whoever starts a workflow by hand may give it anything.
 */
const accounts = z
  .array(nameShape())
  .max(10_000)
  .refine((names) => new Set(names).size === names.length, 'must name each account once');

const runInputSchema = z.object({
  /** The instant of the run; a scheduled run leaves it out and uses its scheduled time. On a real account a claim. */
  at: instantShape().optional(),
  operator: nameShape(),
  /** Names of accounts; empty means all that share a clock. */
  accounts,
  /** Fetch the whole history again, not only what is new. */
  full: z.boolean().optional(),
  dryRun: z.boolean().optional(),
  /** Of a run that a person typed: who asked for it, signed. What a schedule starts carries none. */
  signature: z.unknown().optional(),
});
/** Starts a run of any slot. */
export type RunInput = z.infer<typeof runInputSchema>;

export interface RunReply {
  runId: string;
  outcome: string;
  summary: string;
  tradingDay: IsoDate;
  asOfDate: IsoDate;
  /** Below the data directory. */
  files: string[];
  /** The first fifty; all of them are stored. */
  tickets: IssueReply[];
  /** How many there are; left out when all of them are here. */
  ticketsInAll?: number;
}

/** What every workflow knows of itself; Temporal takes ids of at most 1,000 characters. */
const workflowId = z
  .string()
  .min(1, 'must be the id of a workflow')
  .max(1_000, 'must be at most 1000 characters')
  .refine((text) => isPlainText(text, { lines: false }), 'must be plain text on one line');

const slotShape = () => z.enum(['0800', '1400', 'ops'], 'must be one of 0800, 1400, ops');
/** Which run somebody asks for. */
export const slotAskedSchema = z.strictObject({ slot: slotShape() });

const beginRunSchema = runInputSchema.extend({
  runId: uuidShape(),
  slot: slotShape(),
  at: instantShape(),
  workflowId,
  /** A schedule started it: it may begin late, and does nothing on a closed day. */
  scheduled: z.boolean().optional(),
});
/** What a run begins with: what it was started with, as it was given, and what its workflow knows. */
export type BeginRun = z.infer<typeof beginRunSchema>;

/** Reads what a run begins with; never throws. */
export const readBeginRun = (sent: unknown): Reading<BeginRun> => read(beginRunSchema, sent);

/** What a run is about to do; small enough for a workflow's history. */
export interface RunPlan {
  runId: string;
  tradingDay: IsoDate;
  asOfDate: IsoDate;
  isSession: boolean;
  /** Whether a monitor is told when the run has ended. */
  ping: boolean;
  accounts: string[];
  /** Symbols to fetch, in batches of one activity each. */
  batches: string[][];
  /** Currency pairs to fetch, such as GBPUSD; none when every account holds the listing currency. */
  pairs: string[];
  /** Why the run does nothing; left out when it goes on. */
  idle?: Idle;
}

const scheduledRunSchema = z.object({
  runId: uuidShape(),
  slot: z.enum(['0800', '1400']),
  /** The instant it was scheduled for. */
  at: instantShape(),
  /** Names of accounts; empty means all whose clock is real. */
  accounts,
  workflowId,
});
/** A run that a schedule started. */
export type ScheduledRun = z.infer<typeof scheduledRunSchema>;

/** Reads what is concluded of a run that has nothing to do; never throws. */
export const readScheduledRun = (sent: unknown): Reading<ScheduledRun> => read(scheduledRunSchema, sent);

/** How a run ended. */
export interface RunEnd {
  outcome: string;
  summary: string;
  /** Below the data directory. */
  files: string[];
}

const watchInputSchema = z.object({
  /** The instant to watch at; otherwise the time the workflow runs at. On a real account a claim. */
  at: instantShape().optional(),
  /** Names of accounts; empty means all whose clock is real. */
  accounts,
});
/** Starts `watch`. */
export type WatchInput = z.infer<typeof watchInputSchema>;

const watchSlotsSchema = watchInputSchema.extend({
  at: instantShape(),
  workflowId,
  /** The instant is the sender's word, and not the time that the workflow runs at. */
  claimed: z.boolean().optional(),
});
/** What a watch looks at. */
export type WatchSlots = z.infer<typeof watchSlotsSchema>;

/** Reads what a watch looks at; never throws. */
export const readWatchSlots = (sent: unknown): Reading<WatchSlots> => read(watchSlotsSchema, sent);

/** What a watch found; each entry names account, trading day and slot. */
export interface WatchReply {
  at: Instant;
  accounts: string[];
  missed: string[];
  late: string[];
  stopped: string[];
  /** Tickets past a deadline. */
  overdue: string[];
  /** What is wrong with the backups, one sentence each. */
  backups: string[];
}

const pingSlotInputSchema = z.object({ runId: uuidShape() });
/** Starts `pingSlot`. */
export type PingSlotInput = z.infer<typeof pingSlotInputSchema>;

/** Reads what a ping was started with; never throws. */
export const readPingSlotInput = (sent: unknown): Reading<PingSlotInput> => read(pingSlotInputSchema, sent);
