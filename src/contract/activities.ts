import type { CopyRecord } from '../domain/backup/copy-record.js';
import type { BackupFailure } from '../domain/backup/failure.js';
import type { RestoreProof } from '../domain/backup/proof.js';
import type { StoredDay } from '../domain/day/state.js';
import type { Clock, Instant } from '../domain/types.js';
import type { Alert, DeliverAlertInput, DeliveryPlan } from './alerts.js';
import type { Door } from './asker.js';
import type { BackupInput, BackupKept, BackupMade, RestoreTestInput } from './backup.js';
import type {
  ConfirmCommand,
  ConfirmReply,
  DayKey,
  IssueInput,
  IssueReply,
  ReconcileCommand,
  ReconcileReply,
} from './day-messages.js';
import type { BeginRun, PingSlotInput, RunEnd, RunPlan, ScheduledRun, WatchReply, WatchSlots } from './runs.js';

/** What a run asks for, step by step. */
export interface RunActivities {
  beginRun(run: BeginRun): Promise<RunPlan>;
  fetchPrices(batch: { runId: string; symbols: string[]; full: boolean }): Promise<unknown>;
  fetchFx(pair: { runId: string; pair: string }): Promise<unknown>;
  assessQuality(run: { runId: string }): Promise<unknown>;
  valueLedgers(run: { runId: string; accounts: string[] }): Promise<void>;
  openTradingDay(day: { account: string; runId: string }): Promise<void>;
  promptTicket(day: { account: string; runId: string; dryRun: boolean }): Promise<IssueReply>;
  concludeRun(run: { runId: string }): Promise<RunEnd>;
  concludeIdle(run: ScheduledRun): Promise<RunEnd & { runId: string }>;
  watchSlots(watch: WatchSlots): Promise<WatchReply>;
  ping(slot: PingSlotInput): Promise<string>;
}

/** A message as the day hands it on: of which day it is, and through which door it came. */
export type Told<Command extends { door?: unknown }> = DayKey & Omit<Command, 'door'> & { door?: Door };

/** What a trading day asks for, as its messages come. */
export interface DayActivities {
  /** `clock` is what whoever started the day believes. */
  openDay(day: DayKey & { at: Instant; clock?: Clock }): Promise<StoredDay>;
  /** `reconciliationId` is null when the snapshot was rejected: then nothing was stored. */
  reconcile(command: Told<ReconcileCommand>): Promise<ReconcileReply & { reconciliationId: string | null }>;
  issueTicket(command: IssueInput): Promise<IssueReply>;
  renderTicket(ticket: { ticketId: string }): Promise<string[]>;
  confirm(command: Told<ConfirmCommand>): Promise<ConfirmReply>;
  renderDay(day: DayKey): Promise<string[]>;
  closeDay(day: DayKey & { at: Instant; missed?: boolean }): Promise<{ closedAt: Instant }>;
}

/** How an alert is raised and brought to people. */
export interface AlertActivities {
  /** An alert, or what failed of a backup, of which an operation makes one. */
  raiseAlert(alert: Alert | BackupFailure): Promise<void>;
  planDelivery(notice: DeliverAlertInput): Promise<DeliveryPlan>;
  sendAlert(notice: DeliverAlertInput & { sink: string }): Promise<{ answer: string }>;
  giveUpAlert(notice: DeliverAlertInput & { sink: string; why: string }): Promise<void>;
}

/** Every activity that workflows call on the common queue, and on that of waiting. */
export interface Activities extends RunActivities, DayActivities, AlertActivities {}

/** The activities on the queue of backups: one at a time. */
export interface BackupActivities {
  makeDatabaseBackup(backup: BackupInput & { requestedAt: Instant }): Promise<BackupMade & BackupKept>;
  copyDatabaseBackup(backup: { file: string }): Promise<CopyRecord | null>;
  proveBackup(backup: RestoreTestInput & { proofId: string }): Promise<RestoreProof>;
  recordRestoreTest(result: { proof: RestoreProof }): Promise<string[]>;
}
