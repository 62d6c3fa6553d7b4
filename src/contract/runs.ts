import { z } from 'zod';
import type { Idle } from '../domain/day/scheduled-start.js';
import { instantShape, nameShape, uuidShape } from '../domain/shapes.js';
import type { Instant, IsoDate, RunSlot, Slot } from '../domain/types.js';
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
});
/** Starts a run of any slot. */
export type RunInput = z.infer<typeof runInputSchema>;

/** Reads what a run was started with; never throws. */
export const readRunInput = (sent: unknown): Reading<RunInput> => read(runInputSchema, sent);

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

/** What a run begins with: what it was started with, as it was given, and what its workflow knows. */
export interface BeginRun extends RunInput {
  runId: string;
  slot: RunSlot;
  at: Instant;
  workflowId: string;
  /** A schedule started it: it may begin late, and does nothing on a closed day. */
  scheduled?: boolean;
}

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

/** A run that a schedule started. */
export interface ScheduledRun {
  runId: string;
  slot: Slot;
  /** The instant it was scheduled for. */
  at: Instant;
  /** Names of accounts; empty means all whose clock is real. */
  accounts: string[];
  workflowId: string;
}

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

/** Reads what a watch was started with; never throws. */
export const readWatchInput = (sent: unknown): Reading<WatchInput> => read(watchInputSchema, sent);

/** What a watch looks at: `claimed` says that the instant is the sender's word, and not the time that its workflow runs at. */
export interface WatchSlots {
  at: Instant;
  accounts: string[];
  workflowId: string;
  claimed?: boolean;
}

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
