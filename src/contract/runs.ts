import type { Idle } from '../domain/day/scheduled-start.js';
import type { Instant, IsoDate, RunSlot, Slot } from '../domain/types.js';
import type { IssueReply } from './day-messages.js';

/** Starts a run of any slot. */
export interface RunInput {
  /** The instant of the run; a scheduled run leaves it out and uses its scheduled time. */
  at?: Instant;
  operator: string;
  accounts: string[];
  /** Fetch the whole history again, not only what is new. */
  full?: boolean;
  dryRun?: boolean;
}

export interface RunReply {
  runId: string;
  outcome: string;
  summary: string;
  tradingDay: IsoDate;
  asOfDate: IsoDate;
  /** Below the data directory. */
  files: string[];
  tickets: IssueReply[];
}

/** What a run begins with. */
export interface BeginRun {
  runId: string;
  slot: RunSlot;
  at: Instant;
  operator: string;
  /** Names of accounts; empty means all of the policy. */
  accounts: string[];
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

/** Starts `watch`. */
export interface WatchInput {
  /** Simulated clocks only: the instant to watch at; otherwise the time the workflow runs at. */
  at?: Instant;
  /** Names of accounts; empty means all whose clock is real. */
  accounts: string[];
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

/** Starts `pingSlot`. */
export interface PingSlotInput {
  runId: string;
}
