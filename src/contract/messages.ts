import type { BackupCopy, BackupKept, BackupMade } from '../operations/backup/make.js';
import type { BackupReason } from '../domain/backup/manifest.js';
import type { RestoreProof } from '../domain/backup/proof.js';
import type { DayView } from '../domain/day/state.js';
import type { Fill, Instant, IsoDate, Reason } from '../domain/types.js';

/**
 * Every workflow, signal, query and update by name, with what it carries. Plain names and types, so that the command
 * line and the desk can speak to a day without loading the workflow SDK.
 */
export const WORKFLOWS = {
  tradingDay: 'tradingDay',
  morningRun: 'morningRun',
  afternoonRun: 'afternoonRun',
  opsRun: 'opsRun',
  deliverAlert: 'deliverAlert',
  pingSlot: 'pingSlot',
  watch: 'watch',
  databaseBackup: 'databaseBackup',
  restoreTest: 'restoreTest',
} as const;

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

/**
 * The task queue of activities that wait for another workflow's answer. On the common queue eight of them would take
 * every place of a worker, and the activities that they wait for could never run.
 */
export const waitingQueue = (taskQueue: string): string => `${taskQueue}-waiting`;

/** The task queue of pg_dump and of whatever reads whole backups: one at a time. */
export const backupQueue = (taskQueue: string): string => `${taskQueue}-backup`;

/** Starts `databaseBackup`. */
export interface BackupInput {
  reason: BackupReason;
  operator: string | null;
}

export interface BackupReply extends BackupMade, BackupKept {
  /** The copy at the second place; null when the policy names none, or when it failed. */
  copy: BackupCopy | null;
  /** Why there is no copy though the policy wants one. */
  copyProblem: string | null;
}

/** Starts `restoreTest`. */
export interface RestoreTestInput {
  /** Name of the dump; null for the newest whole one. */
  file: string | null;
  operator: string | null;
}

export interface RestoreTestReply {
  proof: RestoreProof;
  /** The report, below the data directory. */
  files: string[];
}

export interface TradingDayInput {
  account: string;
  tradingDay: IsoDate;
  clock: 'real' | 'simulated';
  /** When to remind of an unconfirmed ticket, and when to escalate. */
  remindAt: Instant[];
  escalateAt: Instant;
  /** Back up the database when the day closes. */
  backUpAtClose?: boolean;
  at: Instant;
}

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

export interface ReconcileCommand {
  /** Made by the sender; a repeat is the same command. */
  commandId: string;
  snapshotDate: IsoDate;
  cash: string;
  positions: Record<string, string>;
  notes: string | null;
  operator: string;
  at: Instant;
}

export interface ReconcileReply {
  status: 'PASS' | 'FAIL' | 'REJECTED';
  reasons: Reason[];
  /** What would explain the drift, each with the command that books it. */
  explanations: { text: string; command: string | null }[];
  openedLedger: boolean;
  reportPath: string | null;
}

export interface IssueCommand {
  runId: string;
  dryRun: boolean;
  at: Instant;
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

export interface ConfirmCommand {
  commandId: string;
  ticketId: string;
  kind: 'ACK' | 'FILLS';
  fills: Fill[];
  amend: boolean;
  operator: string;
  at: Instant;
}

export interface ConfirmReply {
  status: 'BOOKED' | 'ACKNOWLEDGED' | 'REFUSED';
  confirmationId: string | null;
  /** Journal entries booked by this confirmation. */
  entries: number[];
  reason: { code: string; message: string } | null;
}

export interface DeliverAlertInput {
  alertId: string;
  notice: 'ALERT' | 'RECOVERY';
}

/** One delivery is under way for each notice. */
export const alertWorkflowId = ({ alertId, notice }: DeliverAlertInput): string => `alert/${alertId}${notice === 'RECOVERY' ? '/recovered' : ''}`;

export interface DeliverAlertReply {
  sinks: { name: string; ok: boolean; answer: string }[];
}

export interface PingSlotInput {
  runId: string;
}

export interface TickCommand {
  at: Instant;
}

export interface RecallCommand {
  at: Instant;
}

export type { DayView };
